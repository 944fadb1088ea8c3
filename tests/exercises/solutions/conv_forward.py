"""Solutions of conv_forward: correct ones in common styles, and wrong ones."""

import os
import warnings

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.conv_single_step import conv_single_step
from tests.exercises.solutions.registry import Solutions
from tests.exercises.solutions.zero_pad import zero_pad

add = Solutions("conv_forward")


@add.right("einsum over windows")
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded, f = zero_pad(A_prev, pad), W.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), (1, 2))
    Z = np.einsum("ihwcyx,yxcn->ihwn", windows[:, ::stride, ::stride], W) + b
    return Z, (A_prev, W, b, hparameters)


@add.right("other loop order, cache as a list, prints")
def _(A_prev, W, b, hparameters):
    f, stride, pad = len(W), hparameters["stride"], hparameters["pad"]
    n_H = int(np.floor((A_prev.shape[1] - f + 2 * pad) / stride)) + 1
    n_W = int((A_prev.shape[2] - f + 2 * pad) / stride) + 1
    Z, padded = np.zeros((A_prev.shape[0], n_H, n_W, W.shape[3])), zero_pad(A_prev, pad)
    for c in range(W.shape[3]):
        for w in range(n_W):
            for h in range(n_H):
                print("c", c, "w", w, "h", h)
                for i, image in enumerate(padded):
                    window = image[h * stride : h * stride + f, w * stride : w * stride + f]
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, [A_prev, W, b, hparameters]


@add.right("float32 inside, copies in the cache")
def _(A_prev, W, b, hparameters):
    small = [x.astype(np.float32) for x in (A_prev, W, b)]
    Z, _ = conv_forward(*small, hparameters)
    return Z.astype(np.float32), (A_prev.copy(), W.copy(), b.copy(), dict(hparameters))


@add.right("all images and filters at once")
def _(A, W, b, hp, verbose=True):
    stride, pad, f = hp["stride"], hp["pad"], W.shape[0]
    rows = range(0, A.shape[1] + 2 * pad - f + 1, stride)
    columns = range(0, A.shape[2] + 2 * pad - f + 1, stride)
    padded = np.pad(A, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.empty((A.shape[0], len(rows), len(columns), W.shape[3]))
    for h, top in enumerate(rows):
        for w, left in enumerate(columns):
            window = padded[:, top : top + f, left : left + f]
            Z[:, h, w] = np.tensordot(window, W, 3) + b[0, 0, 0]
            if verbose:
                print(Z[:, h, w])
    return Z, (A, W, b, hp)


@add.right("sum over the places of the filter, np.int64 sizes, warnings")
def _(A_prev, W, b, hparameters):
    warnings.warn("this takes a while", stacklevel=1)
    os.write(2, b"a word on descriptor 2\n")
    stride, f = hparameters["stride"], W.shape[0]
    padded = zero_pad(A_prev, hparameters["pad"])
    n_H, n_W = (np.array(padded.shape[1:3]) - f) // stride + 1
    Z = np.zeros((padded.shape[0], n_H, n_W, W.shape[-1])) + b
    for y in range(f):
        for x in range(f):
            seen = padded[:, y : y + n_H * stride : stride, x : x + n_W * stride : stride]
            Z += seen[:, :n_H, :n_W] @ W[y, x]
    return (Z, (A_prev, W, b, hparameters))


@add.right("columns of an image and one matrix product")
def _(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, _), (f, _, _, n_C) = A_prev.shape, W.shape
    stride, pad = hparameters.get("stride"), hparameters.get("pad")
    n_H, n_W = ((n - f + 2 * pad) // stride + 1 for n in (n_H_prev, n_W_prev))
    padded = zero_pad(A_prev, pad)
    columns = [
        padded[i, h : h + f, w : w + f].ravel()
        for i in range(m)
        for h in range(0, n_H * stride, stride)
        for w in range(0, n_W * stride, stride)
    ]
    Z = np.stack(columns) @ W.reshape(-1, n_C) + b.reshape(1, n_C)
    return Z.reshape(m, n_H, n_W, n_C), (A_prev, W, b, hparameters)


@add.right("as_strided views")
def _(A_prev, W, b, hparameters):
    f, s = W.shape[0], hparameters["stride"]
    padded = np.ascontiguousarray(zero_pad(A_prev, hparameters["pad"]))
    m, H, W_, C = padded.shape
    a, y, x, c = padded.strides
    shape = (m, (H - f) // s + 1, (W_ - f) // s + 1, f, f, C)
    windows = np.lib.stride_tricks.as_strided(padded, shape, (a, s * y, s * x, y, x, c))
    return np.tensordot(windows, W, axes=([3, 4, 5], [0, 1, 2])) + b, (A_prev, W, b, hparameters)


@add.right("nested functions and a while loop, dtype object never seen")
def _(A_prev, W, b, hparameters):
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[1]

    def one_image(image, weights, bias):
        out, top = [], 0
        while top + f <= image.shape[0]:
            lefts = range(0, image.shape[1] - f + 1, stride)
            row = [conv_single_step(image[top : top + f, x : x + f], weights, bias) for x in lefts]
            out.append(row)
            top += stride
        return out

    filters = [(W[:, :, :, c], b[:, :, :, c]) for c in range(W.shape[-1])]
    Z = [[one_image(image, *each) for each in filters] for image in zero_pad(A_prev, pad)]
    return np.moveaxis(np.array(Z), 1, -1), (A_prev, W, b, hparameters)


class _Conv:
    """A layer as a class with the function as a method."""

    @classmethod
    def forward(cls, A_prev, W, b, hparameters):
        return cls._at_all_places(A_prev, W, hparameters) + b, (A_prev, W, b, hparameters)

    @staticmethod
    def _at_all_places(A_prev, W, hparameters):
        padded, f = zero_pad(A_prev, hparameters["pad"]), W.shape[0]
        full = sum(
            padded[:, y : padded.shape[1] - f + 1 + y, x : padded.shape[2] - f + 1 + x] @ W[y, x]
            for y in range(f)
            for x in range(f)
        )
        return full[:, :: hparameters["stride"], :: hparameters["stride"]]


add.right("a class method", _Conv.forward)


@add.right("np.pad with reflecting mode avoided, fancy indices")
def _(A_prev, W, b, hparameters):
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0,), (p,), (p,), (0,)], mode="constant")
    tops = np.arange(0, padded.shape[1] - f + 1, s)
    lefts = np.arange(0, padded.shape[2] - f + 1, s)
    y = tops[:, None, None, None] + np.arange(f)[None, None, :, None]
    x = lefts[None, :, None, None] + np.arange(f)[None, None, None, :]
    windows = padded[:, y, x]  # (m, n_H, n_W, f, f, n_C_prev)
    return np.einsum("mhwyxc,yxcn->mhwn", windows, W) + b, (A_prev, W, b, hparameters)


# Wrong solutions that are not among the known mistakes


@add.wrong("three values")
def _(*arguments):
    return *vectorized.conv_forward(*arguments), None


@add.wrong("channels first")
def _(*arguments):
    Z, cache = vectorized.conv_forward(*arguments)
    return Z.transpose(0, 3, 1, 2), cache


@add.wrong("height and width of the result swapped")
def _(*arguments):
    Z, cache = vectorized.conv_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@add.wrong("negative outputs cut off")
def _(*arguments):
    Z, cache = vectorized.conv_forward(*arguments)
    return np.maximum(Z, 0), cache


@add.wrong("cache of ragged lists")
def _(A_prev, W, b, hparameters):
    return vectorized.conv_forward(A_prev, W, b, hparameters)[0], ([[1], [1, 2]], W, b, {})


@add.wrong("the stride that was published")
def _(A_prev, W, b, hparameters):
    return vectorized.conv_forward(A_prev, W, b, {**hparameters, "stride": 2})


@add.wrong("the padding that was published")
def _(A_prev, W, b, hparameters):
    return vectorized.conv_forward(A_prev, W, b, {**hparameters, "pad": 1})


@add.wrong("cropped to a square")
def _(A_prev, W, b, hparameters):
    n = min(A_prev.shape[1:3])
    Z, _ = vectorized.conv_forward(A_prev[:, :n, :n], W, b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@add.wrong("the mean of the biases")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_forward(A_prev, W, b.mean() + 0 * b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@add.wrong("cache of copies that were changed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_forward(A_prev, W, b, hparameters)
    return Z, (A_prev, W, b * 2, hparameters)


FLOORED_H, FLOORED_W = (f"n_H = (n_{x}_prev - f + 2 * pad) // stride + 1" for x in "HW")
FLOORED_W = FLOORED_W.replace("n_H = ", "n_W = ")
add.edited("stride in the size forgotten", {FLOORED_H: "n_H = n_H_prev - f + 2 * pad + 1"})
add.edited("size rounded up", {FLOORED_H: "n_H = -(-(n_H_prev - f + 2 * pad) // stride) + 1"})
add.edited("a row too many", {FLOORED_H: FLOORED_H + " + 1"})
add.edited("last filter missing", {"for c in range(n_C)": "for c in range(n_C - 1)"})
add.edited("last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
add.edited("rows over the width", {"for h in range(n_H)": "for h in range(n_W)"})
add.edited("filters over the channels", {"range(n_C)": "range(n_C_prev)"})
add.edited("first row of windows", {"vert_start = h * stride": "vert_start = 0"})
add.edited("f left out", {"vert_start + f": "vert_start + stride"})
add.edited("outputs added up", {"= conv_single_step": "= Z[i - 1, h, w, c] + conv_single_step"})
add.edited("unknown name", {"a_slice_prev, weights": "a_slice, weights"})
add.edited("normalized weights", {"weights = W[:, :, :, c]": "weights = W[:, :, :, c] / f"})


add.edited(
    "whole b passed, summed",
    {"conv_single_step(a_slice_prev, weights, biases)": "np.sum(a_slice_prev * weights) + b.sum()"},
)

add.edited("padded by 1", {"zero_pad(A_prev, pad)": "zero_pad(A_prev, 1)"})

add.edited("padded by 2", {"zero_pad(A_prev, pad)": "zero_pad(A_prev, 2)"})

add.edited("f is 3", {"n_H = (": "f = 3\n    n_H = ("})

add.edited("f is 2", {"n_H = (": "f = 2\n    n_H = ("})

add.edited(
    "corner rows from w",
    {
        "for w in range(n_W):": "for w in range(n_W):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
)

add.edited("corner from i", {"vert_start = h * stride": "vert_start = i * stride"})

add.edited("last image", {"a_prev_pad = A_prev_pad[i]": "a_prev_pad = A_prev_pad[-1]"})

add.edited("one range too short", {"range(n_H)": "range(n_H - 1)", "range(n_W)": "range(n_W - 1)"})

add.edited(
    "pad taken for the stride",
    {
        "vert_start = h * stride": "vert_start = h * pad",
        "horiz_start = w * stride": "horiz_start = w * pad",
    },
)

add.edited(
    "loops over the input", {"range(n_H)": "range(n_H_prev)", "range(n_W)": "range(n_W_prev)"}
)

add.edited("filters transposed", {"W[:, :, :, c]": "W[:, :, :, c].transpose(1, 0, 2)"})

add.edited("last filter only", {"W[:, :, :, c]": "W[:, :, :, -1]"})


@add.wrong("vectorized, bias for each product")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    n_H = (X.shape[1] - f) // s + 1
    n_W = (X.shape[2] - f) // s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3])) + b
    for r in range(f):
        for q in range(f):
            Z += X[:, r : r + n_H * s : s, q : q + n_W * s : s] @ W[r, q] + b
    return Z, (A_prev, W, b, hparameters)


@add.wrong("vectorized, end without the stride")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))
    Z = np.einsum("ihwkrq,rqkc->ihwc", view, W) + b
    return (Z[:, :, :][:, ::s], (A_prev, W, b, hparameters))


@add.wrong("vectorized, row and column of the kernel exchanged")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))[:, ::s, ::s]
    Z = np.einsum("ihwkrq,qrkc->ihwc", view, W) + b
    return Z, (A_prev, W, b, hparameters)


@add.wrong("im2col, channels before rows")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))[:, ::s, ::s]
    m, n_H, n_W = view.shape[:3]
    Z = view.reshape(m, n_H, n_W, -1) @ W.reshape(-1, W.shape[3]) + b
    return Z, (A_prev, W, b, hparameters)


@add.wrong("starts by range with a stride, last window missing")
def _(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, f, _, n_C = W.shape
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    X = vectorized.zero_pad(A_prev, pad)
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h, top in enumerate(range(0, X.shape[1] - f, stride)):
            for w, left in enumerate(range(0, X.shape[2] - f, stride)):
                for c in range(n_C):
                    Z[i, h, w, c] = vectorized.conv_single_step(
                        X[i, top : top + f, left : left + f], W[..., c], b[..., c]
                    )
    return Z, (A_prev, W, b, hparameters)


add.edited("average filter", {"W[:, :, :, c]": "W.mean(axis=3)"})

add.edited(
    "padding in the width only",
    {"zero_pad(A_prev, pad)": "np.pad(A_prev, ((0, 0), (0, 0), (pad, pad), (0, 0)))"},
)
