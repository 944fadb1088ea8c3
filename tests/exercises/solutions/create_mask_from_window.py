"""Solutions of create_mask_from_window: correct ones in common styles, and wrong ones."""

import functools

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("create_mask_from_window")


@add.right("integers 0 and 1")
def create_mask_from_window(x):
    return (x == x.max()).astype(int)


@add.right("floats, set at argmax")
def _(x):
    mask = np.zeros(x.shape)
    mask[np.unravel_index(np.argmax(x), x.shape)] = 1
    return mask


@add.right("loops, with prints")
def _(window):
    best, mask = window[0, 0], np.zeros_like(window, dtype=bool)
    for place in np.ndindex(window.shape):
        if window[place] > best:
            best = window[place]
        print(place, best)
    for place in np.ndindex(window.shape):
        mask[place] = window[place] == best
    return mask


@add.right("np.where, uint8")
def _(x):
    return np.where(x >= np.max(x), 1, 0).astype(np.uint8)


add.right("lambda", lambda x: np.isclose(x, np.max(x), rtol=0, atol=1e-9))
add.right("partial", functools.partial(lambda how, x: x == how(x), np.max))


@add.right("unravel_index")
def _(x):
    mask = np.zeros(x.shape, dtype=bool)
    mask[np.unravel_index(np.argmax(x), x.shape)] = True
    return mask


@add.right("isclose to the last of the sorted")
def _(x):
    return np.isclose(x, np.sort(x, axis=None)[-1], rtol=0, atol=0)


# Wrong solutions that are not among the known mistakes

add.wrong("maximum of the last column")(lambda x: x == x[:, -1].max())
add.wrong("maximum of the first column")(lambda x: x == x[:, 0].max())
add.wrong("maximum of the last row")(lambda x: x == x[-1].max())
add.wrong("maximum of the first row")(lambda x: x == x[0].max())
add.wrong("maximum of the diagonal")(lambda x: x == np.diag(x).max())
add.wrong("the last entry")(lambda x: np.arange(x.size).reshape(x.shape) == x.size - 1)
add.wrong("without the first entry")(
    lambda x: x == x.flat[1 if x.size > 1 else 0 :].max() if x.shape == (4, 5) else x == x.min()
)
add.wrong("nothing marked")(lambda x: np.zeros(x.shape, bool))
add.wrong("the place of the maximum")(lambda x: np.argmax(x))
add.wrong("the two largest")(lambda x: x >= np.sort(x, axis=None)[-2:][0])
add.wrong("divided by the maximum")(lambda x: x / x.max())
add.wrong("signs")(np.sign)
add.wrong("transposed")(lambda x: (x == x.max()).T)
add.wrong("mirrored")(lambda x: (x == x.max())[:, ::-1])
add.wrong("the maximum alone")(lambda x: x.max())
add.wrong("True")(lambda x: True)
add.wrong("for windows of 2x2")(lambda x: (x == x.max())[:2, :2])


@add.wrong("max from -100")
def _(x):
    return x == max(-100, x.max())


@add.wrong("whole parts compared")
def _(x):
    return np.floor(x) == np.floor(x.max())


@add.wrong("isclose")
def _(x):
    return np.abs(x - x.max()) < 0.5


@add.wrong("square")
def _(x):
    mask = np.zeros((x.shape[0], x.shape[0]))
    mask[np.unravel_index(x.argmax(), x.shape)] = 1
    return mask


@add.wrong("column of the maximum by the height")
def _(x):
    mask = np.zeros(x.shape)
    mask[x.argmax() // x.shape[0], x.argmax() % x.shape[0]] = 1
    return mask


@add.wrong("at least the maximum minus one")
def _(x):
    return x >= np.max(x) - 1


@add.wrong("running maximum marked", "earlier candidates")
def _(x):
    mask = np.zeros(x.shape, bool)
    best = -np.inf
    for r in range(x.shape[0]):
        for q in range(x.shape[1]):
            if x[r, q] > best:
                best = x[r, q]
                mask[r, q] = True
    return mask


@add.wrong("argmax for the row", "row of the maximum")
def _(x):
    mask = np.zeros(x.shape)
    mask[np.argmax(x) // x.shape[1]] = 1
    return mask


@add.wrong("argmax of the columns for the rows", "rows of the maxima of the columns")
def _(x):
    mask = np.zeros(x.shape)
    mask[np.argmax(x, axis=0)] = 1
    return mask


@add.wrong("in float16")
def _(x):
    with np.errstate(over="ignore"):
        x = x.astype("float16")
    return x == x.max()
