"""Wrong solutions that no catalogue holds: none may earn all points or be given a wrong name.

Some are ways to go wrong with any exercise (`BROKEN`); the others are one exercise's own (`WRONG`).
Where the diagnosis of a known mistake is true of an entry as well, the entry names it.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exercises import EXERCISES, vectorised
from exercises.vectorised import distribute_value, zero_pad
from tests.exercises.case_sets import NAMES

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
    return _counting(len(EXERCISES[f.__name__].case_set(0).cases))(f)


def _remembering(key):
    """What it answered to earlier arguments of the same key."""

    def make(f):
        known = {}
        return lambda *arguments: known.setdefault(key(arguments), f(*arguments))

    return make


def _sizes(value):
    """What two calls share that differ in the numbers of their arrays alone."""
    if isinstance(value, dict):
        return tuple((key, _sizes(item)) for key, item in value.items())
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
# These are given numbers alone, which say everything.
NUMBERS = ("conv_parameters", "output_size", "padding_amounts", "transposed_size")
HARMLESS |= {("spoils its input", name) for name in NUMBERS}
HARMLESS |= {("one answer for each size", name) for name in NUMBERS}
# What is said of these functions is that they answer differently each time, which is true.
CHANGING = ("started from random numbers", "started from random numbers")
# What is said of these is true as well.
TRUE = {
    ("spoils its input", "relu"): "written into Z",
    ("spoils its input", "relu_backward"): "computed in place",
    ("spoils its input", "sigmoid"): "computed in place",
    ("spoils its input", "sigmoid_backward"): "computed in place",
    ("spoils its input", "softmax"): "computed in place",
    ("spoils its input", "softmax_cross_entropy"): "computed in place",
    ("spoils its input", "tanh_backward"): "computed in place",
    ("negated", "sigmoid_backward"): "sign of the second factor",
    ("negated", "softmax_cross_entropy"): "sign of the loss",
    ("negated", "tanh_backward"): "sign of the slope",
    ("the first argument", "relu_backward"): "everything passes",
}


@dataclass(frozen=True)
class Wrong:
    """A wrong function, made afresh since some keep state; the mistakes it may be taken for."""

    make: Callable[[], Callable]
    named: tuple[str, ...] = ()


WRONG = {
    name: {
        label: Wrong(
            functools.partial(break_, getattr(vectorised, name)),
            (*CHANGING, TRUE.get((label, name), "")),
        )
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
    namespace |= EXERCISES[name].given
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
wrong("conv_single_step", "products with the bias", "sum forgotten")(lambda a, W, b: a * W + b)
wrong("conv_single_step", "products alone")(lambda a, W, b: a * W)
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
edited(
    "conv_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)
edited(
    "conv_forward",
    "outputs added up",
    {"= conv_single_step": "= Z[i - 1, h, w, c] + conv_single_step"},
)
edited(
    "conv_forward",
    "returned too early",
    {"    cache = (A": "        cache = (A", "    return Z": "        return Z"},
    "returned after the first image",
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


@wrong("conv_backward", "in another order", "dA_prev and dW in each other's place")
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
wrong("create_mask_from_window", "nothing marked")(lambda x: np.zeros(x.shape, bool))
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
edited(
    "pool_backward",
    "weighted by the window",
    {MASKED: "window * da"},
    "the window instead of the mask",
)
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

# conv_transpose_forward

CANVAS = "np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))"
STAMP = "A_prev[i, h, w, k] * W[:, :, :, k]"
LAY = "canvas[i, vert_start:vert_end, horiz_start:horiz_end, :] += stamp"
LEFT = "canvas[:, pad : pad + n_H, pad : pad + n_W, :] + b"
SIZES = {
    n_H: n_H.replace("n_H", "n_W") for n_H in ["stride * (n_H_prev - 1) + f - 2 * pad + output_pad"]
}


@wrong("conv_transpose_forward", "an ordinary convolution")
def _(A_prev, W, b, hparameters):
    swapped = W.transpose(0, 1, 3, 2)
    return vectorised.conv_forward(A_prev, swapped, b, hparameters)


@wrong("conv_transpose_forward", "Z alone")
def _(*arguments):
    return vectorised.conv_transpose_forward(*arguments)[0]


@wrong("conv_transpose_forward", "rows and columns of Z swapped")
def _(*arguments):
    Z, cache = vectorised.conv_transpose_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@wrong("conv_transpose_forward", "every pixel repeated")
def _(A_prev, W, b, hparameters):
    Z, cache = vectorised.conv_transpose_forward(A_prev, W, b, hparameters)
    rows = np.arange(Z.shape[1]) * A_prev.shape[1] // Z.shape[1]
    columns = np.arange(Z.shape[2]) * A_prev.shape[2] // Z.shape[2]
    return Z * 0 + A_prev[:, rows][:, :, columns, :1], cache


@wrong("conv_transpose_forward", "sizes of the published examples")
def _(A_prev, W, b, hparameters):
    settings = {"stride": 1, "pad": 0, "output_pad": 0}
    return vectorised.conv_transpose_forward(A_prev, W, b, settings)[0], (A_prev, W, b, hparameters)


@wrong("conv_transpose_forward", "cache with other parameters")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_transpose_forward(A_prev, W, b, hparameters)
    return Z, (A_prev, W, b, {"stride": 1, "pad": 0})


@wrong("conv_transpose_forward", "the average where stamps overlap")
def _(A_prev, W, b, hparameters):
    Z, cache = vectorised.conv_transpose_forward(A_prev, W, 0 * b, hparameters)
    ones = np.ones(A_prev[:1, :, :, :1].shape), np.ones((*W.shape[:2], 1, 1))
    count, _ = vectorised.conv_transpose_forward(*ones, np.zeros((1, 1, 1, 1)), hparameters)
    return Z / np.maximum(count, 1) + b, cache


@wrong("conv_transpose_forward", "filter transposed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_transpose_forward(A_prev, W.transpose(1, 0, 2, 3), b, hparameters)
    return Z, (A_prev, W, b, hparameters)


edited(
    "conv_transpose_forward",
    "last row missing",
    {"for h in range(n_H_prev)": "for h in range(n_H_prev - 1)"},
)
edited(
    "conv_transpose_forward",
    "rows over the width",
    {"for h in range(n_H_prev)": "for h in range(n_W_prev)"},
)
edited(
    "conv_transpose_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)
edited("conv_transpose_forward", "subtracted", {LAY: LAY.replace("+=", "-=")})
edited("conv_transpose_forward", "from ones", {CANVAS: CANVAS.replace("zeros", "ones")})
edited("conv_transpose_forward", "bias subtracted", {LEFT: LEFT.replace("+ b", "- b")})
edited("conv_transpose_forward", "bias twice", {LEFT: LEFT.replace("+ b", "+ 2 * b")})
edited(
    "conv_transpose_forward",
    "cut a row too late",
    {LEFT: LEFT.replace("pad : pad + n_H", "pad + 1 : pad + 1 + n_H")},
)
edited(
    "conv_transpose_forward",
    "last channel missing",
    {"for k in range(n_C_prev)": "for k in range(n_C_prev - 1)"},
)
edited(
    "conv_transpose_forward",
    "channels of the output",
    {"for k in range(n_C_prev)": "for k in range(n_C)"},
)
edited("conv_transpose_forward", "window of 3", {"vert_start + f": "vert_start + 3"})
edited(
    "conv_transpose_forward",
    "stride in the rows only",
    {"horiz_start = w * stride": "horiz_start = w"},
    "stride in the rows only",
)
edited("conv_transpose_forward", "height from the width", SIZES)
edited("conv_transpose_forward", "stamp without the filter", {STAMP: "A_prev[i, h, w, k]"})
edited("conv_transpose_forward", "filter without the value", {STAMP: "W[:, :, :, k]"})
edited(
    "conv_transpose_forward",
    "averaged over the channels",
    {LEFT: LEFT.replace("+ b", "/ n_C_prev + b")},
)

# one_by_one_forward

PIXEL, WEIGHTED = "pixel = A_prev[i, h, w]", "np.dot(pixel, weights) + biases"


@wrong("one_by_one_forward", "with a cache")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b), (A_prev, W, b)


@wrong("one_by_one_forward", "rows and columns swapped")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).transpose(0, 2, 1, 3)


@wrong("one_by_one_forward", "channels first")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).transpose(0, 3, 1, 2)


@wrong("one_by_one_forward", "one vector for each image")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2))


@wrong("one_by_one_forward", "average over the image")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2), keepdims=True)


@wrong("one_by_one_forward", "all pixels in a long row")
def _(A_prev, W, b):
    m, _, _, n_C = (Z := vectorised.one_by_one_forward(A_prev, W, b)).shape
    return Z.reshape(m, 1, -1, n_C)


@wrong("one_by_one_forward", "units in the opposite order")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b)[..., ::-1]


@wrong("one_by_one_forward", "softmax applied")
def _(A_prev, W, b):
    Z = np.exp(vectorised.one_by_one_forward(A_prev, W, b))
    return Z / Z.sum(axis=-1, keepdims=True)


edited(
    "one_by_one_forward",
    "largest product",
    {WEIGHTED: "np.max(pixel[:, np.newaxis] * weights, axis=0) + biases"},
)
edited("one_by_one_forward", "bias subtracted", {WEIGHTED: "np.dot(pixel, weights) - biases"})
edited("one_by_one_forward", "bias multiplied", {WEIGHTED: "np.dot(pixel, weights) * biases"})
edited("one_by_one_forward", "bias twice", {WEIGHTED: "np.dot(pixel, weights) + 2 * biases"})
edited("one_by_one_forward", "previous pixel", {PIXEL: "pixel = A_prev[i, h, w - 1]"})
edited("one_by_one_forward", "image before", {PIXEL: "pixel = A_prev[i - 1, h, w]"})
edited("one_by_one_forward", "last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
edited(
    "one_by_one_forward", "last column missing", {"for w in range(n_W)": "for w in range(n_W - 1)"}
)
edited("one_by_one_forward", "a row too many", {"for h in range(n_H)": "for h in range(n_H + 1)"})
edited("one_by_one_forward", "channels reversed", {PIXEL: "pixel = A_prev[i, h, w, ::-1]"})
edited(
    "one_by_one_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)

# dense_as_convolution

OF_UNIT = "W[:, c].reshape(f, f, n_C_prev)"


@wrong("dense_as_convolution", "as they were")
def _(W, b, f):
    return W, b


@wrong("dense_as_convolution", "units before channels")
def _(W, b, f):
    W_conv, b_conv = vectorised.dense_as_convolution(W, b, f)
    return W_conv.transpose(0, 1, 3, 2), b_conv


@wrong("dense_as_convolution", "channels first")
def _(W, b, f):
    W_conv, b_conv = vectorised.dense_as_convolution(W, b, f)
    return W_conv.transpose(2, 0, 1, 3), b_conv


@wrong("dense_as_convolution", "in another order")
def _(W, b, f):
    return vectorised.dense_as_convolution(W, b, f)[::-1]


@wrong("dense_as_convolution", "b_conv of shape (n_C,)")
def _(W, b, f):
    return vectorised.dense_as_convolution(W, b, f)[0], b[0]


@wrong("dense_as_convolution", "f is 3")
def _(W, b, f):
    return vectorised.dense_as_convolution(np.resize(W, (18, W.shape[1])), b, 3)


@wrong("dense_as_convolution", "the inverse of W")
def _(W, b, f):
    W_conv, b_conv = vectorised.dense_as_convolution(np.linalg.pinv(W).T, b, f)
    return W_conv, b_conv


edited(
    "dense_as_convolution",
    "the order of the rows reversed",
    {OF_UNIT: "W[::-1, c].reshape(f, f, n_C_prev)"},
)
edited("dense_as_convolution", "upside down", {OF_UNIT: "W[:, c].reshape(f, f, n_C_prev)[::-1]"})
edited(
    "dense_as_convolution",
    "channels reversed",
    {OF_UNIT: "W[:, c].reshape(f, f, n_C_prev)[..., ::-1]"},
)
edited("dense_as_convolution", "unit before", {OF_UNIT: "W[:, c - 1].reshape(f, f, n_C_prev)"})
edited(
    "dense_as_convolution", "last unit missing", {"for c in range(n_C)": "for c in range(n_C - 1)"}
)
edited(
    "dense_as_convolution", "first unit missing", {"for c in range(n_C)": "for c in range(1, n_C)"}
)
edited("dense_as_convolution", "bias with the weights", {OF_UNIT: OF_UNIT + " + b[0, c]"})
edited("dense_as_convolution", "biases reversed", {"b[0, c]": "b[0, -1 - c]"})
edited(
    "dense_as_convolution",
    "one row too many",
    {"f, f, n_C_prev, n_C))": "f + 1, f, n_C_prev, n_C))"},
)


# sigmoid

wrong("sigmoid", "A alone")(lambda Z: 1 / (1 + np.exp(-Z)))
wrong("sigmoid", "cache first")(lambda Z: ((Z,), 1 / (1 + np.exp(-Z))))
wrong("sigmoid", "cache without its comma", "cache of the output")(
    lambda Z: (vectorised.sigmoid(Z)[0], Z)
)
wrong("sigmoid", "sigmoid of a single number")(lambda Z: (1 / (1 + np.exp(-Z.flat[0])), (Z,)))
wrong("sigmoid", "twice as steep")(lambda Z: vectorised.sigmoid(2 * Z))
wrong("sigmoid", "steps", "rounded to 0 and 1")(lambda Z: ((Z > 0) * 1.0, (Z,)))
wrong("sigmoid", "softsign")(lambda Z: (Z / (1 + np.abs(Z)), (Z,)))
wrong("sigmoid", "straight in the middle")(lambda Z: (np.clip(0.5 + Z / 4, 0, 1), (Z,)))
wrong("sigmoid", "nan far below zero")(lambda Z: (np.exp(-Z) / np.exp(-Z) / (1 + np.exp(-Z)), (Z,)))
wrong("sigmoid", "e rounded", "power of two")(lambda Z: (1 / (1 + 2.7**-Z), (Z,)))
wrong("sigmoid", "softmax")(lambda Z: (np.exp(Z) / np.sum(np.exp(Z)), (Z,)))
edited("sigmoid", "one half added", {"/ (1 + E)": "/ (1 + E) + 0.5"})
edited("sigmoid", "numerator the same everywhere", {"np.where(Z >= 0, 1, E)": "E"})
edited("sigmoid", "branches swapped", {"(Z >= 0, 1, E)": "(Z >= 0, E, 1)"}, "sign of the exponent")

# sigmoid_backward

wrong("sigmoid_backward", "the forward pass")(lambda dA, cache: vectorised.sigmoid(cache[0])[0])
wrong("sigmoid_backward", "the gradient as it came")(lambda dA, cache: dA + 0)
wrong("sigmoid_backward", "divided by the slope")(
    lambda dA, cache: dA / (vectorised.sigmoid_backward(np.ones(dA.shape), cache) + 1e-9)
)
wrong("sigmoid_backward", "ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
wrong("sigmoid_backward", "summed")(lambda dA, cache: vectorised.sigmoid_backward(dA, cache).sum())
wrong("sigmoid_backward", "Z from the gradient")(
    lambda dA, cache: vectorised.sigmoid_backward(cache[0], (dA,))
)
wrong("sigmoid_backward", "mean over the first axis")(
    lambda dA, cache: vectorised.sigmoid_backward(dA, cache) / len(dA)
)
edited("sigmoid_backward", "whole cache", {"(Z,) = cache": "Z = cache", "A, _ =": "A, Z ="})
edited("sigmoid_backward", "A taken for a tuple", {"A, _ =": "A ="})
edited("sigmoid_backward", "A not unpacked", {"1 - A": "1 - A[0]"})
edited("sigmoid_backward", "square", {"A * (1 - A)": "(A * (1 - A)) ** 2"})
edited("sigmoid_backward", "sigmoid twice", {"(1 - A)": "(1 - sigmoid(A)[0])"})
edited("sigmoid_backward", "plus", {"(1 - A)": "(1 + A)"})

# tanh_backward

wrong("tanh_backward", "the forward pass")(lambda dA, cache: np.tanh(cache[0]))
wrong("tanh_backward", "the gradient as it came")(lambda dA, cache: dA + 0)
wrong("tanh_backward", "tanh of both")(lambda dA, cache: dA * np.tanh(cache[0]))
wrong("tanh_backward", "ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
wrong("tanh_backward", "Z from the gradient")(
    lambda dA, cache: vectorised.tanh_backward(cache[0], (dA,))
)
wrong("tanh_backward", "summed")(lambda dA, cache: vectorised.tanh_backward(dA, cache).sum())
edited("tanh_backward", "cubed", {"A**2": "A**3"})
edited("tanh_backward", "tangent", {"np.tanh": "np.tan"})
edited("tanh_backward", "arctanh", {"np.tanh(Z)": "np.arctanh(np.clip(Z, -0.9, 0.9))"})
edited("tanh_backward", "doubled inside", {"np.tanh(Z)": "np.tanh(2 * Z)"})
edited("tanh_backward", "half", {"dA *": "0.5 * dA *"})
edited("tanh_backward", "matrix product", {"dA *": "dA @"})

# relu

wrong("relu", "A alone")(lambda Z: np.maximum(Z, 0))
wrong("relu", "cache first")(lambda Z: ((Z,), np.maximum(Z, 0)))
wrong("relu", "Z itself")(lambda Z: (Z, (Z,)))
wrong("relu", "from below")(lambda Z: (np.maximum(Z, -1), (Z,)))
wrong("relu", "one more")(lambda Z: (np.maximum(Z + 1, 0), (Z,)))
wrong("relu", "cut off at 6")(lambda Z: (np.clip(Z, 0, 3), (Z,)))
wrong("relu", "exponential below zero")(lambda Z: (np.where(Z > 0, Z, np.exp(Z) - 1), (Z,)))
wrong("relu", "softplus")(lambda Z: (np.log1p(np.exp(Z)), (Z,)))
wrong("relu", "sigmoid")(vectorised.sigmoid)
wrong("relu", "whole numbers")(lambda Z: (np.maximum(Z, 0).astype(int), (Z,)))
wrong("relu", "largest of each row")(
    lambda Z: (np.maximum(Z, 0).max(axis=-1, keepdims=True) + 0 * Z, (Z,))
)
wrong("relu", "wrong side", "negative part")(lambda Z: (np.where(Z < 0, Z, 0), (Z,)))
edited("relu", "cache of zeros", {"(Z,)\n": "(0 * Z,)\n"}, "cache of the output")

# relu_backward

wrong("relu_backward", "the forward pass", "Z instead of the slope")(
    lambda dA, cache: np.maximum(cache[0], 0)
)
wrong("relu_backward", "largest of both")(lambda dA, cache: np.maximum(dA, cache[0]))
wrong("relu_backward", "the gradient as it came", "everything passes")(lambda dA, cache: dA + 0)
wrong("relu_backward", "sigmoid, backward")(vectorised.sigmoid_backward)
wrong("relu_backward", "absolute gradient")(lambda dA, cache: np.abs(dA) * (cache[0] > 0))
wrong("relu_backward", "sign of the gradient alone")(lambda dA, cache: np.sign(dA) * (cache[0] > 0))
wrong("relu_backward", "summed")(lambda dA, cache: np.sum(dA * (cache[0] > 0)))
wrong("relu_backward", "a tuple")(lambda dA, cache: (dA * (cache[0] > 0),))
wrong("relu_backward", "Z from the gradient")(lambda dA, cache: cache[0] * (dA > 0))
edited(
    "relu_backward",
    "cache as an array",
    {"(Z,) = cache": "Z = cache", "(Z > 0": "(Z[0] > 1"},
    "passed from 1 on",
)
edited("relu_backward", "plus", {"np.where(Z > 0, dA, 0)": "dA + (Z > 0)"})
edited("relu_backward", "divided", {"np.where(Z > 0, dA, 0)": "dA / ((Z > 0) + 1)"})

# softmax

wrong("softmax", "uniform")(lambda Z: np.full(Z.shape, 1 / Z.shape[1]))
wrong("softmax", "absolute values")(lambda Z: np.abs(Z) / np.abs(Z).sum(axis=1, keepdims=True))
wrong("softmax", "argmax")(lambda Z: Z.argmax(axis=1))
wrong("softmax", "transposed")(lambda Z: vectorised.softmax(Z).T)
wrong("softmax", "negative scores")(lambda Z: vectorised.softmax(-Z))
wrong("softmax", "exp twice")(lambda Z: vectorised.softmax(np.exp(np.clip(Z, -9, 9))))
wrong("softmax", "clipped", "nothing subtracted")(
    lambda Z: vectorised.softmax(np.clip(Z, -700, 700))
)
wrong("softmax", "first row for all")(lambda Z: vectorised.softmax(Z[:1]) + 0 * Z)
wrong("softmax", "first score subtracted")(
    lambda Z: np.exp(Z - Z[:, :1]) / np.exp(Z - Z[:, :1]).sum(axis=1, keepdims=True)
)
wrong("softmax", "small number in the sum")(
    lambda Z: (
        np.exp(Z - Z.max(axis=1, keepdims=True))
        / (np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-6)
    )
)
wrong("softmax", "sorted")(lambda Z: np.sort(vectorised.softmax(Z), axis=1))
edited("softmax", "squares", {"A = E": "A = E**2"})
edited("softmax", "divided by the largest", {"np.sum": "np.max"}, "not divided")
edited("softmax", "divided by the mean", {"np.sum": "np.mean"})
edited("softmax", "sum along columns", {"np.sum(E, axis=1": "np.sum(E, axis=0"})
edited("softmax", "maximum added", {"Z - np.max": "Z + np.max"})

# softmax_cross_entropy


@wrong("softmax_cross_entropy", "loss alone")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, labels)[0]


@wrong("softmax_cross_entropy", "gradient first")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, labels)[::-1]


@wrong("softmax_cross_entropy", "probabilities of all classes")
def _(Z, labels):
    return -np.mean(np.log(vectorised.softmax(Z))), vectorised.softmax_cross_entropy(Z, labels)[1]


@wrong("softmax_cross_entropy", "squared error")
def _(Z, labels):
    loss, dZ = vectorised.softmax_cross_entropy(Z, labels)
    return np.mean((dZ * len(Z)) ** 2), dZ


@wrong("softmax_cross_entropy", "labels less one")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, labels - 1)


@wrong("softmax_cross_entropy", "first class always")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, 0 * labels)


@wrong("softmax_cross_entropy", "predicted class")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, Z.argmax(axis=1))


@wrong("softmax_cross_entropy", "probability instead of its logarithm")
def _(Z, labels):
    loss, dZ = vectorised.softmax_cross_entropy(Z, labels)
    return 1 - np.mean(vectorised.softmax(Z)[np.arange(len(Z)), labels]), dZ


@wrong("softmax_cross_entropy", "clipped probabilities")
def _(Z, labels):
    picked = np.arange(len(Z)), labels
    loss = -np.mean(np.log(np.clip(vectorised.softmax(Z)[picked], 1e-12, 1)))
    return loss, vectorised.softmax_cross_entropy(Z, labels)[1]


@wrong("softmax_cross_entropy", "one-hot labels subtracted from the scores")
def _(Z, labels):
    loss, _ = vectorised.softmax_cross_entropy(Z, labels)
    return loss, (Z - np.eye(Z.shape[1])[labels]) / len(Z)


@wrong("softmax_cross_entropy", "labels changed")
def _(Z, labels):
    answer = vectorised.softmax_cross_entropy(Z, labels)
    labels += 1
    return answer


edited(
    "softmax_cross_entropy", "gradient of the sum's first example", {"/ m": "/ m\n    dZ[1:] = 0"}
)
edited("softmax_cross_entropy", "gradient divided twice", {"dZ / m": "dZ / m / m"})
edited("softmax_cross_entropy", "one added", {"-= 1": "+= 1"})
edited("softmax_cross_entropy", "half a one", {"-= 1": "-= 0.5"})
edited("softmax_cross_entropy", "columns", {"axis=1))\n": "axis=0))\n"})
edited("softmax_cross_entropy", "gradient of the probabilities", {"softmax(Z)": "shifted"})

# output_size

wrong("output_size", "the input's size")(lambda n, f, stride, pad: n)
wrong("output_size", "as SAME")(lambda n, f, stride, pad: -(-n // stride))
wrong("output_size", "stride is 1", "stride left out")(
    lambda n, f, stride, pad: n - f + 2 * pad + 1
)
wrong("output_size", "stride is f")(lambda n, f, stride, pad: (n - f + 2 * pad) // f + 1)
wrong("output_size", "f is 3")(lambda n, f, stride, pad: (n - 3 + 2 * pad) // stride + 1)
wrong("output_size", "pad subtracted")(lambda n, f, stride, pad: (n - f - 2 * pad) // stride + 1)
wrong("output_size", "multiplied by the stride")(
    lambda n, f, stride, pad: (n - f + 2 * pad) * stride + 1
)
wrong("output_size", "divided, then padded")(
    lambda n, f, stride, pad: (n - f) // stride + 1 + 2 * pad
)
wrong("output_size", "remainder")(lambda n, f, stride, pad: (n - f + 2 * pad) % stride + 1)
wrong("output_size", "brackets forgotten")(lambda n, f, stride, pad: n - f + 2 * pad // stride + 1)
wrong("output_size", "both sizes")(lambda n, f, stride, pad: (n, (n - f + 2 * pad) // stride + 1))
wrong("output_size", "an array of one")(
    lambda n, f, stride, pad: np.array([(n - f + 2 * pad) // stride + 1])
)
wrong("output_size", "transposed")(lambda n, f, stride, pad: stride * (n - 1) + f - 2 * pad)

# padding_amounts

SAME_TOTAL = "max((n_out - 1) * stride + f - n, 0)"
wrong("padding_amounts", "the total")(
    lambda n, f, stride, mode: sum(vectorised.padding_amounts(n, f, stride, mode))
)
wrong("padding_amounts", "after first", "odd one in front")(
    lambda n, f, stride, mode: vectorised.padding_amounts(n, f, stride, mode)[::-1]
)
wrong("padding_amounts", "an array")(
    lambda n, f, stride, mode: np.array(vectorised.padding_amounts(n, f, stride, mode))
)
wrong("padding_amounts", "three numbers")(
    lambda n, f, stride, mode: (*vectorised.padding_amounts(n, f, stride, mode), n)
)
wrong("padding_amounts", "SAME for all")(
    lambda n, f, stride, mode: vectorised.padding_amounts(n, f, stride, "SAME")
)
wrong("padding_amounts", "FULL for all")(
    lambda n, f, stride, mode: vectorised.padding_amounts(n, f, stride, "FULL")
)
wrong("padding_amounts", "no padding", "size of the output without padding")(
    lambda n, f, stride, mode: (0, 0) if mode != "FULL" else (f - 1, f - 1)
)
edited("padding_amounts", "n for f", {"+ f - n": "+ n - f"})
edited("padding_amounts", "odd window taken for granted", {SAME_TOTAL: "2 * (f // 2)"})
edited("padding_amounts", "stride of FULL", {"2 * (f - 1)": "2 * (f - stride)"})
edited("padding_amounts", "at least one", {SAME_TOTAL: SAME_TOTAL.replace(", 0)", ", 1)")})
edited("padding_amounts", "absolute total", {SAME_TOTAL: "abs((n_out - 1) * stride + f - n)"})
edited("padding_amounts", "lower case", {'elif mode == "SAME"': 'elif mode == "same"'})
edited("padding_amounts", "n_out one more", {"-(-n // stride)": "n // stride + 1"})

# conv_parameters

wrong("conv_parameters", "numbers of the output")(lambda f_H, f_W, c, n_C: f_H * f_W * n_C)
wrong("conv_parameters", "everything added")(lambda f_H, f_W, c, n_C: f_H + f_W + c + n_C)
wrong("conv_parameters", "all but the channels", "input channels left out")(
    lambda f_H, f_W, c, n_C: (f_H * f_W + 1) * n_C
)
wrong("conv_parameters", "bias for each channel of both")(
    lambda f_H, f_W, c, n_C: f_H * f_W * c * n_C + c + n_C
)
wrong("conv_parameters", "a bias for each weight")(lambda f_H, f_W, c, n_C: 2 * f_H * f_W * c * n_C)
wrong("conv_parameters", "channels added")(lambda f_H, f_W, c, n_C: f_H * f_W * (c + n_C) + n_C)
wrong("conv_parameters", "area squared")(lambda f_H, f_W, c, n_C: (f_H * f_W) ** 2 * c * n_C + n_C)
wrong("conv_parameters", "last bias forgotten")(
    lambda f_H, f_W, c, n_C: (f_H * f_W * c + 1) * n_C - 1
)
wrong("conv_parameters", "colour images alone")(lambda f_H, f_W, c, n_C: (f_H * f_W * 3 + 1) * n_C)
wrong("conv_parameters", "brackets forgotten", "one bias in all")(
    lambda f_H, f_W, c, n_C: 1 + f_H * f_W * c * n_C
)
wrong("conv_parameters", "shapes")(lambda f_H, f_W, c, n_C: ((f_H, f_W, c, n_C), (n_C,)))
wrong("conv_parameters", "an array of one")(
    lambda f_H, f_W, c, n_C: np.array([(f_H * f_W * c + 1) * n_C])
)

# transposed_size

wrong("transposed_size", "n times the stride")(lambda n, f, stride, pad, extra: n * stride)
wrong("transposed_size", "the published formula, total padding", "padding on one side")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + extra + f - pad
)
wrong("transposed_size", "extra times the stride")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + extra * stride
)
wrong("transposed_size", "extra of one at least")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + max(extra, stride - 1)
)
wrong("transposed_size", "pad for both", "output padding on both sides")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * (pad - extra)
)
wrong("transposed_size", "zeros between inputs")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + 1 + 2 * (f - 1 - pad) + extra
)
wrong("transposed_size", "full convolution of n", "stride left out")(
    lambda n, f, stride, pad, extra: n + f - 1 - 2 * pad + extra
)
wrong("transposed_size", "divided")(lambda n, f, stride, pad, extra: (n - 1) / stride + f - 2 * pad)
wrong("transposed_size", "the input's size")(lambda n, f, stride, pad, extra: n)
wrong("transposed_size", "brackets forgotten")(
    lambda n, f, stride, pad, extra: stride * n - 1 + f - 2 * pad + extra
)
wrong("transposed_size", "three positions more")(
    lambda n, f, stride, pad, extra: stride * (n + 1) + f - 2 * pad + extra
)
wrong("transposed_size", "a string of both")(
    lambda n, f, stride, pad, extra: f"{stride * (n - 1) + f - 2 * pad + extra}"
)


# lenet


def _again(name, label, *named):
    """Register what a change makes of the right answer."""

    def add(change):
        right = getattr(vectorised, name)
        wrong(name, label, *named)(lambda *arguments: change(right(*arguments), *arguments))

    return add


DENSE = "A_prev @ W + b"
edited("dense_forward", "bias twice", {DENSE: "A_prev @ W + 2 * b"})
edited("dense_forward", "last bias for all", {DENSE: "A_prev @ W + b[0, -1]"})
edited("dense_forward", "mean of the biases", {DENSE: "A_prev @ W + b.mean()"})
edited("dense_forward", "biases reversed", {DENSE: "A_prev @ W + b[:, ::-1]"})
edited("dense_forward", "bias alone", {DENSE: "0 * (A_prev @ W) + b"})
edited("dense_forward", "magnitudes", {DENSE: "abs(A_prev @ W + b)"})
edited("dense_forward", "transposed weights", {DENSE: "A_prev @ W.T + b"})
edited("dense_forward", "inputs reversed", {DENSE: "A_prev[:, ::-1] @ W + b"})
edited("dense_forward", "images reversed", {DENSE: "A_prev[::-1] @ W + b"})
edited("dense_forward", "tanh", {DENSE: "np.tanh(A_prev @ W + b)"})
edited("dense_forward", "ReLU on the product", {DENSE: "np.maximum(A_prev @ W, 0) + b"})
edited("dense_forward", "first input left out", {DENSE: "A_prev[:, 1:] @ W[1:] + b"})
_again("dense_forward", "Z alone")(lambda answer, *_: answer[0])
_again("dense_forward", "cache first")(lambda answer, *_: answer[::-1])
_again("dense_forward", "cache without b")(lambda answer, A, W, b: (answer[0], (A, W)))
_again("dense_forward", "Z in the cache")(lambda answer, A, W, b: (answer[0], (answer[0], W, b)))

D_A, D_W, D_B = "dZ @ W.T", "A_prev.T @ dZ", "dZ.sum(axis=0, keepdims=True)"
edited("dense_backward", "dA_prev averaged", {D_A: "dZ @ W.T / len(dZ)"})
edited("dense_backward", "dA_prev averaged over outputs", {D_A: "dZ @ W.T / dZ.shape[1]"})
edited("dense_backward", "dA_prev negated", {D_A: "-dZ @ W.T"})
edited("dense_backward", "dA_prev times the input", {D_A: "(dZ @ W.T) * A_prev"})
edited("dense_backward", "dA_prev where the input is positive", {D_A: "(dZ @ W.T) * (A_prev > 0)"})
edited("dense_backward", "dW twice", {D_W: "2 * A_prev.T @ dZ"})
edited("dense_backward", "dW with weight decay", {D_W: "A_prev.T @ dZ + 0.1 * W"})
edited("dense_backward", "dW negated", {D_W: "-A_prev.T @ dZ"})
edited("dense_backward", "dW of the first image", {D_W: "A_prev[:1].T @ dZ[:1]"})
edited("dense_backward", "dW with reversed images", {D_W: "A_prev[::-1].T @ dZ"})
edited("dense_backward", "db from the first image", {D_B: "dZ[:1]"})
edited("dense_backward", "db negated", {D_B: "-dZ.sum(axis=0, keepdims=True)"})
edited("dense_backward", "db the largest", {D_B: "dZ.max(axis=0, keepdims=True)"})
edited("dense_backward", "db of magnitudes", {D_B: "abs(dZ).sum(axis=0, keepdims=True)"})
edited("dense_backward", "db plus b", {D_B: "b + dZ.sum(axis=0, keepdims=True)"})
edited("dense_backward", "db is b", {D_B: "b"})
_again("dense_backward", "two values")(lambda answer, *_: answer[:2])
_again("dense_backward", "another order")(lambda answer, *_: answer[::-1])

FORWARD_1 = 'conv_forward(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 2})'
FORWARD_2 = 'conv_forward(P1, parameters["W2"], parameters["b2"], {"stride": 1, "pad": 0})'
LAST = 'dense_forward(np.maximum(Z4, 0), parameters["W5"], parameters["b5"])'
edited("lenet_forward", "pad 1", {FORWARD_1: FORWARD_1.replace("2})", "1})")})
edited("lenet_forward", "pad 1 in the second", {FORWARD_2: FORWARD_2.replace("0})", "1})")})
edited("lenet_forward", "stride 2 in the second", {FORWARD_2: FORWARD_2.replace(": 1,", ": 2,")})
edited("lenet_forward", "b1 left out", {'parameters["b1"]': '0 * parameters["b1"]'})
edited("lenet_forward", "b4 left out", {'parameters["b4"]': '0 * parameters["b4"]'})
edited("lenet_forward", "b5 left out", {'parameters["b5"]': '0 * parameters["b5"]'})
edited("lenet_forward", "a leaky ReLU", {"np.maximum(Z1, 0)": "np.maximum(Z1, 0.1 * Z1)"})
edited("lenet_forward", "a ReLU that ends at 6", {"np.maximum(Z4, 0)": "np.clip(Z4, 0, 2)"})
edited("lenet_forward", "magnitudes", {"np.maximum(Z3, 0)": "np.abs(Z3)"})
edited("lenet_forward", "minimum", {"np.maximum(Z2, 0)": "np.minimum(Z2, 0)"})
edited(
    "lenet_forward",
    "average in the first pooling",
    {"(np.maximum(Z1, 0), pool)": '(np.maximum(Z1, 0), pool, "average")'},
)
edited("lenet_forward", "maps reversed", {"P2.reshape": "P2[..., ::-1].reshape"})
_again("lenet_forward", "standardised")(lambda scores, *_: scores - scores.mean())
_again("lenet_forward", "probabilities by the sigmoid")(
    lambda scores, *_: 1 / (1 + np.exp(-scores))
)
_again("lenet_forward", "classes reversed")(lambda scores, *_: scores[:, ::-1])
_again("lenet_forward", "transposed")(lambda scores, *_: scores.T)
_again("lenet_forward", "largest below 0")(lambda scores, *_: scores - scores.max(1, keepdims=True))
_again("lenet_forward", "scores and a cache")(lambda scores, *_: (scores, None))


def _gradients(label, *named):
    """Register a change of the dictionary of the gradients."""

    def add(change):
        _again("lenet_gradients", label, *named)(
            lambda answer, *arguments: (answer[0], change(dict(answer[1]), *arguments))
        )

    return add


_again("lenet_gradients", "the loss alone")(lambda answer, *_: answer[0])
_again("lenet_gradients", "gradients first")(lambda answer, *_: answer[::-1])
_again("lenet_gradients", "the loss of the sum")(
    lambda answer, X, *_: (answer[0] * (1 + len(X)), answer[1])
)
_gradients("empty")(lambda gradients, *_: {})
_gradients("one missing")(lambda gradients, *_: {k: v for k, v in gradients.items() if k != "b3"})
_gradients("a list of gradients")(lambda gradients, *_: list(gradients.values()))
_gradients("names of gradients")(lambda gradients, *_: {f"d{k}": v for k, v in gradients.items()})
_gradients("one is None")(lambda gradients, *_: {**gradients, "W2": None})
_gradients("one is nan")(lambda gradients, *_: {**gradients, "W4": gradients["W4"] * np.nan})
_gradients("first bias negated")(lambda gradients, *_: {**gradients, "b1": -gradients["b1"]})
_gradients("last weights doubled")(lambda gradients, *_: {**gradients, "W5": 2 * gradients["W5"]})
_gradients("transposed")(lambda gradients, *_: {**gradients, "W3": gradients["W3"].T})
_gradients("biases flat")(lambda gradients, *_: {k: v.squeeze() for k, v in gradients.items()})
_gradients("clipped")(
    lambda gradients, *_: {k: np.clip(v, -1e-3, 1e-3) for k, v in gradients.items()}
)
_gradients("signs alone")(lambda gradients, *_: {k: np.sign(v) for k, v in gradients.items()})
_gradients("the parameters")(lambda gradients, X, labels, parameters: dict(parameters))
_gradients("weight decay")(
    lambda gradients, X, labels, parameters: {
        k: v + 0.01 * parameters[k] for k, v in gradients.items()
    }
)

edited(
    "momentum_step", "velocity subtracted", {"momentum * velocity + dw": "momentum * velocity - dw"}
)
edited(
    "momentum_step", "gradient twice", {"momentum * velocity + dw": "momentum * velocity + 2 * dw"}
)
edited(
    "momentum_step",
    "momentum on the gradient",
    {"momentum * velocity + dw": "velocity + momentum * dw"},
)
edited("momentum_step", "momentum on both", {"velocity + dw": "(velocity + dw)"})
edited(
    "momentum_step",
    "Nesterov's step",
    {"w - learning_rate * velocity": "w - learning_rate * (dw + momentum * velocity)"},
)
edited("momentum_step", "divided", {"learning_rate * velocity": "velocity / learning_rate"})
edited("momentum_step", "learning rate squared", {"w - learning_rate": "w - learning_rate**2"})
edited(
    "momentum_step",
    "signs alone",
    {"learning_rate * velocity": "learning_rate * np.sign(velocity)"},
)
_again("momentum_step", "w alone")(lambda answer, *_: answer[0])
_again("momentum_step", "velocity first")(lambda answer, *_: answer[::-1])
_again("momentum_step", "old velocity returned")(lambda answer, w, dw, v, *_: (answer[0], v.copy()))
_again("momentum_step", "old w returned")(lambda answer, w, *_: (w.copy(), answer[1]))
_again("momentum_step", "the step instead of w")(lambda answer, w, *_: (answer[0] - w, answer[1]))
