"""Wrong solutions of pool_forward that its known mistakes do not hold."""

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong


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
