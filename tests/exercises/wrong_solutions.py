"""Wrong solutions that no catalogue holds: none may earn all points or be given a wrong name.

Some are ways to go wrong with any exercise (`BROKEN`); the others are one exercise's own (`WRONG`).
Where the diagnosis of a known mistake is true of an entry as well, the entry names it.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exercises import EXERCISES
from tests.exercises.sheets import NAMES
from tools import vectorised
from tools.vectorised import distribute_value, zero_pad

# Ways to go wrong with any function: from a right one, a wrong one, afresh each time.


def _first(change):
    """Change the first output and keep the others."""

    def make(f):
        def changed(*arguments):
            answer = f(*arguments)
            if isinstance(answer, tuple):
                return change(answer[0]), *answer[1:]
            return change(answer)

        return changed

    return make


def _counting(limit):
    """Right for so many calls, wrong afterwards."""

    def make(f):
        calls = []

        def counted(*arguments):
            calls.append(None)
            return f(*arguments) if len(calls) <= limit else doubled(*arguments)

        doubled = _first(lambda value: value * 2.0)(f)
        return counted

    return make


def _until_asked_again(f):
    return _counting(len(EXERCISES[f.__name__].sheet(0).cases))(f)


def _remembering(key):
    """What it answered to earlier arguments of the same key."""

    def make(f):
        known = {}
        return lambda *arguments: known.setdefault(key(arguments), f(*arguments))

    return make


def _sizes(value):
    """What two calls share that differ in the numbers of their arrays alone."""
    if isinstance(value, dict):
        return tuple(value.items())
    if isinstance(value, tuple):
        return tuple(map(_sizes, value))
    return value if isinstance(value, (int, str)) else np.shape(value)


def _summing(f):
    """Adds to what the last call of the same size left, as a sum kept outside a function does."""
    sums = {}

    def added(value):
        total = sums[np.shape(value)] = sums.get(np.shape(value), 0) + np.asarray(value) * 1.0
        return total

    return _first(added)(f)


def _spoiling(f):
    """The right answer, but the first array that it is given is changed."""

    def spoilt(*arguments):
        answer = f(*arguments)
        next(value for value in arguments if isinstance(value, np.ndarray))[...] += 1
        return answer

    return spoilt


def _masked(value):
    return np.ma.masked_array(value, mask=np.asarray(value) > 0)


BROKEN = {
    "nothing returned": lambda f: lambda *arguments: None,
    "the first argument": lambda f: lambda *arguments: arguments[0],
    "all arguments": lambda f: lambda *arguments: arguments,
    "a string": lambda f: lambda *arguments: "42",
    "a generator": lambda f: lambda *arguments: (f(*arguments) for _ in range(1)),
    "a dictionary": lambda f: lambda *arguments: {"answer": f(*arguments)},
    "the function itself": lambda f: lambda *arguments: f,
    "an argument too few": lambda f: lambda X: f(X, 1),
    "an argument too many": lambda f: lambda *arguments, more: f(*arguments),
    "zero": _first(lambda value: value * 0),
    "one": _first(lambda value: value * 0 + 1),
    "zeros of another shape": _first(lambda value: np.zeros((2, 5))),
    "nan": _first(lambda value: value * np.nan),
    "infinity": _first(lambda value: value * 1.0 + np.inf),
    "complex": _first(lambda value: value + 0j),
    "objects": _first(lambda value: np.asarray(value).astype(object)),
    "masked": _first(_masked),
    "texts": _first(lambda value: np.asarray(value).astype(str)),
    "a list": _first(lambda value: np.atleast_1d(value).tolist()),
    "in a tuple": lambda f: lambda *arguments: (f(*arguments),),
    "twice": lambda f: lambda *arguments: (f(*arguments), f(*arguments)),
    "two axes more": _first(lambda value: np.asarray(value)[None, ..., None]),
    "flat": _first(lambda value: np.asarray(value).ravel()[None, :]),
    "a little off": _first(lambda value: value + 0.001),
    "negated": _first(lambda value: -1.0 * value),
    "doubled": _first(lambda value: 2.0 * value),
    "random": _first(lambda value: np.random.randn(*np.shape(value))),
    "noisy": _first(lambda value: value + np.random.randn(*np.shape(value)) / 100),
    "spoils its input": _spoiling,
    "sums kept between calls": _summing,
    "the first answer always": _remembering(lambda arguments: None),
    "one answer for each size": _remembering(_sizes),
    "right once": _counting(1),
    "right three times": _counting(3),
    "right until asked again": _until_asked_again,
    "raises IndexError": lambda f: lambda *arguments: [][len(arguments)],
    "raises KeyError": lambda f: lambda *arguments: {}["stride"],
    "leaves": lambda f: lambda *arguments: exit(1),
}
HARMLESS = {("spoils its input", "distribute_value")}  # it is given no array
# What is said of these functions is that they answer differently each time, which is true.
CHANGING = ("started from random numbers", "started from random numbers")


@dataclass(frozen=True)
class Wrong:
    """A wrong function, made afresh since some keep state; the mistakes it may be taken for."""

    make: Callable[[], Callable]
    named: tuple[str, ...] = ()


WRONG = {
    name: {
        label: Wrong(functools.partial(break_, getattr(vectorised, name)), CHANGING)
        for label, break_ in BROKEN.items()
        if (label, name) not in HARMLESS
    }
    for name in NAMES
}


def wrong(name, label, *named):
    """Register a wrong solution of one exercise."""

    def add(function):
        assert label not in WRONG[name], label
        WRONG[name][label] = Wrong(lambda: function, named)

    return add


def edited(name, label, changes, *named):
    """Register the taught solution with pieces of its text exchanged."""
    text = EXERCISES[name].solution_text()
    for old, new in changes.items():
        assert text.count(old) == 1, (label, old)
        text = text.replace(old, new)
    namespace = {"np": np, **{n: getattr(vectorised, n) for n in vectorised.__all__}}
    exec(text, namespace)
    wrong(name, label, *named)(namespace[name])


# zero_pad

wrong("zero_pad", "reflected")(
    lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="symmetric")
)
wrong("zero_pad", "wrapped round")(
    lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="wrap")
)
wrong("zero_pad", "border of nan")(
    lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), constant_values=np.nan)
)
wrong("zero_pad", "twice as wide", "padded twice as wide")(lambda X, pad: zero_pad(X, 2 * pad))
wrong("zero_pad", "one pixel short")(lambda X, pad: zero_pad(X, max(pad - 1, 0)))
wrong("zero_pad", "pad 3 always, as published")(lambda X, pad: zero_pad(X, 3))
wrong("zero_pad", "whole numbers", "results cut to whole numbers")(
    lambda X, pad: zero_pad(X.astype(int), pad)
)
wrong("zero_pad", "transposed")(lambda X, pad: zero_pad(X, pad).transpose(0, 2, 1, 3))
wrong("zero_pad", "channels first")(lambda X, pad: zero_pad(X, pad).transpose(0, 3, 1, 2))
wrong("zero_pad", "channels reversed")(lambda X, pad: zero_pad(X, pad)[..., ::-1])
wrong("zero_pad", "images reversed")(lambda X, pad: zero_pad(X, pad)[::-1])
wrong("zero_pad", "first image only")(lambda X, pad: zero_pad(X[:1], pad))
wrong("zero_pad", "zeros alone")(lambda X, pad: np.zeros(zero_pad(X, pad).shape))


@wrong("zero_pad", "image in the corner")
def _(X, pad):
    X_pad = np.zeros(zero_pad(X, pad).shape)
    X_pad[:, : X.shape[1], : X.shape[2]] = X
    return X_pad


@wrong("zero_pad", "right only for squares")
def _(X, pad):
    m, n_H, _, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_H + 2 * pad, n_C))
    X_pad[:, pad:-pad, pad:-pad] = X
    return X_pad


@wrong("zero_pad", "[pad:-pad], wrong at pad 0 alone")
def _(X, pad):
    X_pad = np.zeros(zero_pad(X, pad).shape)
    X_pad[:, pad:-pad, pad:-pad] = X
    return X_pad


# conv_single_step

wrong("conv_single_step", "the published number", "the published number")(
    lambda a, W, b: -6.999089450680221
)
wrong("conv_single_step", "a sum for each channel")(lambda a, W, b: (a * W).sum((0, 1)) + b.item())
wrong("conv_single_step", "the sum of the weights")(lambda a, W, b: W.sum() + b.item())
wrong("conv_single_step", "the sum of the window")(lambda a, W, b: a.sum() + b.item())
wrong("conv_single_step", "the largest product")(lambda a, W, b: (a * W).max() + b.item())
wrong("conv_single_step", "matrix product")(lambda a, W, b: np.sum(a @ W) + b.item())
wrong("conv_single_step", "transposed filter")(
    lambda a, W, b: np.sum(a * W.transpose(1, 0, 2)) + b.item()
)
wrong("conv_single_step", "bias multiplied")(lambda a, W, b: np.sum(a * W) * b.item())
wrong("conv_single_step", "bias added twice")(lambda a, W, b: np.sum(a * W) + 2 * b.item())
wrong("conv_single_step", "magnitudes")(lambda a, W, b: np.abs(a * W).sum() + b.item())
wrong("conv_single_step", "whole number", "results cut to whole numbers")(
    lambda a, W, b: int(np.sum(a * W) + b.item())
)
wrong("conv_single_step", "one decimal")(lambda a, W, b: round(np.sum(a * W) + b.item(), 1))
wrong("conv_single_step", "shape (1,)")(lambda a, W, b: np.sum(a * W) + b[0, 0])
wrong("conv_single_step", "shape (1, 1)")(lambda a, W, b: np.sum(a * W) + b[0])
wrong("conv_single_step", "negative sums cut off")(
    lambda a, W, b: max(0.0, np.sum(a * W) + b.item())
)

# conv_forward


@wrong("conv_forward", "Z alone")
def _(*arguments):
    return vectorised.conv_forward(*arguments)[0]


@wrong("conv_forward", "cache first")
def _(*arguments):
    return vectorised.conv_forward(*arguments)[::-1]


@wrong("conv_forward", "three values")
def _(*arguments):
    return *vectorised.conv_forward(*arguments), None


@wrong("conv_forward", "channels first")
def _(*arguments):
    Z, cache = vectorised.conv_forward(*arguments)
    return Z.transpose(0, 3, 1, 2), cache


@wrong("conv_forward", "height and width of the result swapped")
def _(*arguments):
    Z, cache = vectorised.conv_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@wrong("conv_forward", "negative outputs cut off")
def _(*arguments):
    Z, cache = vectorised.conv_forward(*arguments)
    return np.maximum(Z, 0), cache


@wrong("conv_forward", "cache of ragged lists")
def _(A_prev, W, b, hparameters):
    return vectorised.conv_forward(A_prev, W, b, hparameters)[0], ([[1], [1, 2]], W, b, {})


@wrong("conv_forward", "the stride that was published")
def _(A_prev, W, b, hparameters):
    return vectorised.conv_forward(A_prev, W, b, {**hparameters, "stride": 2})


@wrong("conv_forward", "the padding that was published")
def _(A_prev, W, b, hparameters):
    return vectorised.conv_forward(A_prev, W, b, {**hparameters, "pad": 1})


@wrong("conv_forward", "padding ignored", "padding left out")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b, {**hparameters, "pad": 0})
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "stride ignored in the size too", "stride ignored in the size too")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b, {**hparameters, "stride": 1})
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "cropped to a square")
def _(A_prev, W, b, hparameters):
    n = min(A_prev.shape[1:3])
    Z, _ = vectorised.conv_forward(A_prev[:, :n, :n], W, b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "the mean of the biases")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b.mean() + 0 * b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "cache of copies that were changed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b, hparameters)
    return Z, (A_prev, W, b * 2, hparameters)


FLOORED_H, FLOORED_W = (f"n_H = (n_{x}_prev - f + 2 * pad) // stride + 1" for x in "HW")
FLOORED_W = FLOORED_W.replace("n_H = ", "n_W = ")
edited(
    "conv_forward",
    "sizes as floats",
    {"// stride + 1\n    n_W": "/ stride + 1\n    n_W"},
    "sizes as floats",
)
edited(
    "conv_forward", "stride in the size forgotten", {FLOORED_H: "n_H = n_H_prev - f + 2 * pad + 1"}
)
edited(
    "conv_forward",
    "size rounded up",
    {FLOORED_H: "n_H = -(-(n_H_prev - f + 2 * pad) // stride) + 1"},
)
edited("conv_forward", "a row too many", {FLOORED_H: FLOORED_H + " + 1"})
edited("conv_forward", "last filter missing", {"for c in range(n_C)": "for c in range(n_C - 1)"})
edited("conv_forward", "last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
edited("conv_forward", "rows over the width", {"for h in range(n_H)": "for h in range(n_W)"})
edited("conv_forward", "filters over the channels", {"range(n_C)": "range(n_C_prev)"})
edited("conv_forward", "first row of windows", {"vert_start = h * stride": "vert_start = 0"})
edited("conv_forward", "f left out", {"vert_start + f": "vert_start + stride"})
edited("conv_forward", "window of 3", {"vert_start + f": "vert_start + 3"})
edited(
    "conv_forward",
    "h and w swapped in Z",
    {"Z[i, h, w, c] =": "Z[i, w, h, c] ="},
    "h and w swapped in Z",
)
edited("conv_forward", "one image", {"for i in range(m)": "for i in range(1)"})
edited(
    "conv_forward",
    "outputs added up",
    {"= conv_single_step": "= Z[i - 1, h, w, c] + conv_single_step"},
)
edited(
    "conv_forward",
    "returned too early",
    {"    cache = (A": "        cache = (A", "    return Z": "        return Z"},
)
edited("conv_forward", "unknown name", {"a_slice_prev, weights": "a_slice, weights"})
edited(
    "conv_forward", "normalised weights", {"weights = W[:, :, :, c]": "weights = W[:, :, :, c] / f"}
)

# pool_forward


@wrong("pool_forward", "minimum", "minimum instead of maximum")
def _(A_prev, hparameters, mode="max"):
    A, _ = vectorised.pool_forward(-A_prev, hparameters, mode)
    return -A, (A_prev, hparameters)


@wrong("pool_forward", "the stride is f")
def _(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    return vectorised.pool_forward(A_prev, {"f": f, "stride": f}, mode)


@wrong("pool_forward", "f is 2")
def _(A_prev, hparameters, mode="max"):
    return vectorised.pool_forward(A_prev, {**hparameters, "f": 2}, mode)


@wrong("pool_forward", "f is 3, as published")
def _(A_prev, hparameters, mode="max"):
    return vectorised.pool_forward(A_prev, {**hparameters, "f": 3}, mode)


@wrong("pool_forward", "mode left out")
def _(A_prev, hparameters):
    return vectorised.pool_forward(A_prev, hparameters)


@wrong("pool_forward", "A alone")
def _(*arguments):
    return vectorised.pool_forward(*arguments)[0]


@wrong("pool_forward", "the cache is a copy with other parameters")
def _(A_prev, hparameters, mode):
    return vectorised.pool_forward(A_prev, hparameters, mode)[0], (A_prev, {"f": 2, "stride": 1})


@wrong("pool_forward", "pooled over the images")
def _(A_prev, hparameters, mode):
    A, cache = vectorised.pool_forward(A_prev, hparameters, mode)
    return A.max(axis=0, keepdims=True) + 0 * A, cache


edited("pool_forward", "average called avg", {'elif mode == "average"': 'elif mode == "avg"'})
edited("pool_forward", "median", {"np.mean": "np.median"})
edited(
    "pool_forward", "largest magnitude", {"np.max(a_prev_slice)": "np.max(np.abs(a_prev_slice))"}
)
edited("pool_forward", "place of the maximum", {"np.max": "np.argmax"})
edited("pool_forward", "divided by f", {"np.mean(a_prev_slice)": "np.sum(a_prev_slice) / f"})
edited(
    "pool_forward", "divided by f + f", {"np.mean(a_prev_slice)": "np.sum(a_prev_slice) / (f + f)"}
)
edited("pool_forward", "divided by 4", {"np.mean(a_prev_slice)": "np.sum(a_prev_slice) / 4"})
edited(
    "pool_forward", "maximum of the first row", {"np.max(a_prev_slice)": "np.max(a_prev_slice[0])"}
)
edited(
    "pool_forward", "without its corner", {"np.max(a_prev_slice)": "np.max(a_prev_slice.flat[:-1])"}
)
edited(
    "pool_forward",
    "stride in the columns only",
    {"vert_start = h * stride": "vert_start = h"},
    "stride in the columns only",
)
edited(
    "pool_forward", "first channel only", {"horiz_start:horiz_end, c]": "horiz_start:horiz_end, 0]"}
)
edited("pool_forward", "last channel missing", {"for c in range(n_C)": "for c in range(n_C - 1)"})
edited("pool_forward", "h and w swapped in A", {"A[i, h, w, c] = np.max": "A[i, w, h, c] = np.max"})
edited("pool_forward", "one image", {"for i in range(m)": "for i in range(1)"})
edited("pool_forward", "image divided by m", {"np.mean(a_prev_slice)": "np.mean(a_prev_slice) / m"})

# conv_backward


@wrong("conv_backward", "in another order")
def _(dZ, cache):
    dA_prev, dW, db = vectorised.conv_backward(dZ, cache)
    return dW, dA_prev, db


@wrong("conv_backward", "two values")
def _(dZ, cache):
    return vectorised.conv_backward(dZ, cache)[:2]


@wrong("conv_backward", "db of shape (n_C,)")
def _(dZ, cache):
    dA_prev, dW, db = vectorised.conv_backward(dZ, cache)
    return dA_prev, dW, db.ravel()


@wrong("conv_backward", "dA_prev transposed")
def _(dZ, cache):
    dA_prev, dW, db = vectorised.conv_backward(dZ, cache)
    return dA_prev.transpose(0, 2, 1, 3), dW, db


@wrong("conv_backward", "dW transposed")
def _(dZ, cache):
    dA_prev, dW, db = vectorised.conv_backward(dZ, cache)
    return dA_prev, dW.transpose(1, 0, 2, 3), db


@wrong("conv_backward", "dW not computed")
def _(dZ, cache):
    dA_prev, dW, db = vectorised.conv_backward(dZ, cache)
    return dA_prev, None, db


@wrong("conv_backward", "stride of the published test")
def _(dZ, cache):
    return vectorised.conv_backward(dZ, (*cache[:3], {**cache[3], "stride": 2}))


@wrong("conv_backward", "clipped")
def _(dZ, cache):
    return tuple(np.clip(x, -3, 3) for x in vectorised.conv_backward(dZ, cache))


ADD_A = "da_slice += W[:, :, :, c] * dZ[i, h, w, c]"
ADD_W = "dW[:, :, :, c] += a_slice * dZ[i, h, w, c]"
ADD_B = "db[:, :, :, c] += dZ[i, h, w, c]"
UNPAD = "dA_prev[i] = da_prev_pad[pad : pad + n_H_prev, pad : pad + n_W_prev, :]"
STARTED = "np.zeros(A_prev.shape)"
edited(
    "conv_backward",
    "stride in the rows only",
    {"horiz_start = w * stride": "horiz_start = w"},
    "stride in the rows only",
)
edited(
    "conv_backward",
    "cut at the wrong end",
    {UNPAD: "dA_prev[i] = da_prev_pad[:n_H_prev, :n_W_prev]"},
)
edited("conv_backward", "never stored", {UNPAD: "pass"})
edited(
    "conv_backward",
    "dA_prev from random numbers",
    {STARTED: "np.random.randn(*A_prev.shape)", UNPAD: UNPAD.replace("= ", "+= ", 1)},
    *CHANGING,
)
edited(
    "conv_backward",
    "db from random numbers",
    {"np.zeros(b.shape)": "np.random.randn(*b.shape)"},
    *CHANGING,
)
edited("conv_backward", "from ones", {"np.zeros(b.shape)": "np.ones(b.shape)"})
edited(
    "conv_backward",
    "h and w swapped in dW",
    {ADD_W: ADD_W.replace("h, w, c]", "min(w, n_H - 1), min(h, n_W - 1), c]")},
)
edited("conv_backward", "a row too many", {"range(n_H)": "range(n_H + 1)"})
edited("conv_backward", "a column too many", {"range(n_W)": "range(n_W + 1)"})
edited("conv_backward", "an image too many", {"range(m)": "range(m + 1)"})
edited("conv_backward", "last row missing", {"range(n_H)": "range(n_H - 1)"})
edited(
    "conv_backward",
    "averaged over the pixels",
    {"return dA_prev, dW, db": "return dA_prev, dW, db / (n_H * n_W)"},
    "db averaged over the positions",
)
edited(
    "conv_backward", "dA_prev averaged", {"return dA_prev, dW, db": "return dA_prev / m, dW, db"}
)
edited("conv_backward", "signs turned", {ADD_A: ADD_A.replace("+=", "-=")})
edited(
    "conv_backward",
    "dW and db subtracted",
    {ADD_W: ADD_W.replace("+=", "-="), ADD_B: ADD_B.replace("+=", "-=")},
)
edited(
    "conv_backward", "first filter only", {ADD_A: ADD_A.replace("W[:, :, :, c]", "W[:, :, :, 0]")}
)
edited(
    "conv_backward", "dZ left out of dW", {ADD_W: "dW[:, :, :, c] += a_slice"}, "dZ left out of dW"
)
edited("conv_backward", "outputs counted", {ADD_B: "db[:, :, :, c] += 1"}, "outputs counted in db")
edited("conv_backward", "filters over the channels", {"range(n_C)": "range(n_C_prev)"})
edited("conv_backward", "window as large as the stride", {"vert_start + f": "vert_start + stride"})
edited("conv_backward", "nothing but db", {ADD_A: "pass", ADD_W: "pass"})

# create_mask_from_window

wrong("create_mask_from_window", "the published mask", "the published mask")(
    lambda x: np.arange(x.size).reshape(x.shape) == 0
)
wrong("create_mask_from_window", "maximum of the last column")(lambda x: x == x[:, -1].max())
wrong("create_mask_from_window", "maximum of the first column")(lambda x: x == x[:, 0].max())
wrong("create_mask_from_window", "maximum of the last row")(lambda x: x == x[-1].max())
wrong("create_mask_from_window", "maximum of the first row")(lambda x: x == x[0].max())
wrong("create_mask_from_window", "maximum of the diagonal")(lambda x: x == np.diag(x).max())
wrong("create_mask_from_window", "the last entry")(
    lambda x: np.arange(x.size).reshape(x.shape) == x.size - 1
)
wrong("create_mask_from_window", "without the first entry")(
    lambda x: x == x.flat[1 if x.size > 1 else 0 :].max() if x.shape == (4, 5) else x == x.min()
)
wrong("create_mask_from_window", "the place of the maximum")(lambda x: np.argmax(x))
wrong("create_mask_from_window", "place as an array")(lambda x: np.argwhere(x == x.max()))
wrong("create_mask_from_window", "above the mean")(lambda x: x >= x.mean())
wrong("create_mask_from_window", "the two largest")(lambda x: x >= np.sort(x, axis=None)[-2:][0])
wrong("create_mask_from_window", "divided by the maximum")(lambda x: x / x.max())
wrong("create_mask_from_window", "signs")(np.sign)
wrong("create_mask_from_window", "transposed")(lambda x: (x == x.max()).T)
wrong("create_mask_from_window", "mirrored")(lambda x: (x == x.max())[:, ::-1])
wrong("create_mask_from_window", "a matrix")(lambda x: np.asmatrix(x == x.max()))
wrong("create_mask_from_window", "the maximum alone")(lambda x: x.max())
wrong("create_mask_from_window", "True")(lambda x: True)
wrong("create_mask_from_window", "for windows of 2x2")(lambda x: (x == x.max())[:2, :2])


# distribute_value

wrong("distribute_value", "half of it everywhere, as published", "the published number")(
    lambda dz, shape: np.full(shape, 0.5)
)
wrong("distribute_value", "for windows of 2x2")(lambda dz, shape: np.full((2, 2), dz / 4))
wrong("distribute_value", "a quarter")(lambda dz, shape: np.full(shape, dz / 4))
wrong("distribute_value", "divided by the number of sides")(
    lambda dz, shape: np.full(shape, dz / len(shape))
)
wrong("distribute_value", "divided by the square of the height", "divided by the height squared")(
    lambda dz, shape: np.full(shape, dz / shape[0] ** 2)
)
wrong("distribute_value", "multiplied")(lambda dz, shape: np.full(shape, dz * shape[0] * shape[1]))
wrong("distribute_value", "a share of 1")(
    lambda dz, shape: np.full(shape, 1 / (shape[0] * shape[1]))
)
wrong("distribute_value", "magnitude")(lambda dz, shape: np.abs(distribute_value(dz, shape)))
wrong("distribute_value", "one number")(lambda dz, shape: dz / (shape[0] * shape[1]))
wrong("distribute_value", "one row")(
    lambda dz, shape: np.full(shape[1], dz / (shape[0] * shape[1]))
)
wrong("distribute_value", "a matrix")(lambda dz, shape: np.asmatrix(distribute_value(dz, shape)))
wrong("distribute_value", "first row")(
    lambda dz, shape: distribute_value(dz, shape) * (np.arange(shape[0]) == 0)[:, None]
)
wrong("distribute_value", "unequal shares")(
    lambda dz, shape: dz * np.random.dirichlet(np.ones(shape[0] * shape[1])).reshape(shape)
)
wrong("distribute_value", "whole numbers")(
    lambda dz, shape: np.full(shape, dz / np.prod(shape), dtype=int)
)
wrong("distribute_value", "counted up")(
    lambda dz, shape: np.arange(np.prod(shape)).reshape(shape) * dz / np.prod(shape)
)

# pool_backward


@wrong("pool_backward", "transposed")
def _(dA, cache, mode="max"):
    return vectorised.pool_backward(dA, cache, mode).transpose(0, 2, 1, 3)


@wrong("pool_backward", "with the cache")
def _(dA, cache, mode="max"):
    return vectorised.pool_backward(dA, cache, mode), cache


@wrong("pool_backward", "the stride is 1 and dA is cut")
def _(dA, cache, mode="max"):
    A_prev, hparameters = cache
    return vectorised.pool_backward(dA[:, :1, :1], (A_prev, {**hparameters, "stride": 1}), mode)


@wrong("pool_backward", "f is 2, as published")
def _(dA, cache, mode="max"):
    return vectorised.pool_backward(dA, (cache[0], {**cache[1], "f": 2}), mode)


@wrong("pool_backward", "the shape of dA")
def _(dA, cache, mode="max"):
    return dA.copy()


@wrong("pool_backward", "mode left out")
def _(dA, cache):
    return vectorised.pool_backward(dA, cache)


MASKED, SPREAD = "create_mask_from_window(window) * da", "distribute_value(da, (f, f))"
MY_SPREAD = "np.full((f, f), da / {})"
ADD = "dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share"
edited(
    "pool_backward",
    "stride in the rows only",
    {"horiz_start = w * stride": "horiz_start = w"},
    "stride in the rows only",
)
edited(
    "pool_backward",
    "stride in the columns only",
    {"vert_start = h * stride": "vert_start = h"},
    "stride in the columns only",
)
edited(
    "pool_backward", "divided by f + f", {SPREAD: MY_SPREAD.format("(f + f)")}, "divided by f + f"
)
edited("pool_backward", "divided by f", {SPREAD: MY_SPREAD.format("f")})
edited("pool_backward", "divided by 4", {SPREAD: MY_SPREAD.format("4")})
edited("pool_backward", "divided by the size of dA", {SPREAD: MY_SPREAD.format("(n_H * n_W)")})
edited("pool_backward", "average called avg", {'elif mode == "average"': 'elif mode == "avg"'})
edited("pool_backward", "minimum", {MASKED: "(window == window.min()) * da"})
edited("pool_backward", "maximum from 0", {MASKED: "(window == window.max(initial=0)) * da"})
edited("pool_backward", "positive pixels", {MASKED: "(window > 0) * da"})
edited("pool_backward", "weighted by the window", {MASKED: "window * da"})
edited("pool_backward", "mask times mask", {MASKED: "create_mask_from_window(window) * da**2"})
edited("pool_backward", "subtracted", {ADD: ADD.replace("+=", "-=")})
edited(
    "pool_backward",
    "h and w swapped in dA",
    {"dA[i, h, w, c]": "dA[i, w, h, c]"},
    "h and w swapped in dA",
)
edited("pool_backward", "first gradient", {"dA[i, h, w, c]": "dA[0, h, w, c]"})
edited(
    "pool_backward",
    "first channel's mask",
    {"window = a_prev": "window = a_prev[..., :1].repeat(n_C, -1)"},
)
edited("pool_backward", "last row missing", {"range(n_H)": "range(n_H - 1)"})
edited("pool_backward", "a row too many", {"range(n_H)": "range(n_H + 1)"})
edited("pool_backward", "one image", {"range(m)": "range(1)"})
edited("pool_backward", "from ones", {"np.zeros(A_prev.shape)": "np.ones(A_prev.shape)"})
edited("pool_backward", "from A_prev", {"np.zeros(A_prev.shape)": "A_prev.copy()"})
edited("pool_backward", "into A_prev", {"np.zeros(A_prev.shape)": "A_prev"})
