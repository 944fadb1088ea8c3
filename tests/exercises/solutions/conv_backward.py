"""Solutions of conv_backward: correct ones in common styles, and wrong ones."""

import warnings

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.broken import CHANGING
from tests.exercises.solutions.registry import Solutions
from tests.exercises.solutions.zero_pad import zero_pad

add = Solutions("conv_backward")


@add.right("all images at once, place by place")
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    n_H, n_W = dZ.shape[1:3]
    padded = zero_pad(A_prev, pad)
    dA, dW = np.zeros_like(padded), np.zeros_like(W)
    for h in range(n_H):
        for w in range(n_W):
            window = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f]
            dA[window] += np.einsum("in,yxcn->iyxc", dZ[:, h, w], W)
            dW += np.einsum("iyxc,in->yxcn", padded[window], dZ[:, h, w])
    dA = dA[:, pad : dA.shape[1] - pad, pad : dA.shape[2] - pad]
    return dA, dW, dZ.sum((0, 1, 2)).reshape(b.shape)


@add.right("other loop order, a list, prints")
def _(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    dA, dW, db = zero_pad(np.zeros(A_prev.shape), pad), np.zeros(W.shape), np.zeros(b.shape)
    padded = zero_pad(A_prev, pad)
    for c in range(dZ.shape[3]):
        for w in range(dZ.shape[2]):
            for h in range(dZ.shape[1]):
                print(c, w, h)
                for i in range(dZ.shape[0]):
                    y, x = h * stride, w * stride
                    dA[i, y : y + f, x : x + f] += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += padded[i, y : y + f, x : x + f] * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
    if pad:
        dA = dA[:, pad:-pad, pad:-pad]
    return [dA, dW, db]


@add.right("float32 inside, warnings")
def _(dZ, cache):
    warnings.warn("float32 will do", UserWarning, stacklevel=1)
    *arrays, hparameters = cache
    dA, dW, db = conv_backward(
        dZ.astype("float32"), (*(a.astype("float32") for a in arrays), hparameters)
    )
    return dA.astype("float32"), dW.astype("float32"), db.astype("float32")


@add.right("pixel by pixel, extra parameter")
def _(dZ, cache, clip=None):
    A_prev, W, b, hp = cache
    s, p = hp["stride"], hp["pad"]
    dA, dW = np.zeros(A_prev.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            for y in range(W.shape[0]):
                for x in range(W.shape[1]):
                    row, column = h * s + y - p, w * s + x - p
                    if 0 <= row < dA.shape[1] and 0 <= column < dA.shape[2]:
                        dA[:, row, column] += dZ[:, h, w] @ W[y, x].T
                        dW[y, x] += A_prev[:, row, column].T @ dZ[:, h, w]
    return dA, dW, dZ.sum(axis=(0, 1, 2), keepdims=True)


@add.right("forward windows and tensordot")
def _(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, p)
    dpadded, dW = np.zeros_like(padded, dtype=float), np.zeros_like(W, dtype=float)
    for h, w in np.ndindex(dZ.shape[1:3]):
        window = np.s_[:, h * s : h * s + f, w * s : w * s + f]
        dpadded[window] += np.tensordot(dZ[:, h, w], W, axes=(1, 3))
        dW += np.tensordot(padded[window], dZ[:, h, w], axes=(0, 0))
    end_H, end_W = (n + p for n in A_prev.shape[1:3])
    return dpadded[:, p:end_H, p:end_W], dW, np.sum(dZ, (0, 1, 2)).reshape(b.shape)


@add.right("a full convolution with the turned filter")
def _(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    H, W_ = (n + 2 * p for n in A_prev.shape[1:3])
    spread = np.zeros((m, H + f - 1, W_ + f - 1, n_C))  # dZ, s apart, padded with f - 1 zeros
    spread[:, f - 1 : f - 1 + n_H * s : s, f - 1 : f - 1 + n_W * s : s][:, :n_H, :n_W] = dZ
    views = np.lib.stride_tricks.sliding_window_view(spread, (f, f), axis=(1, 2))
    dA = np.einsum("mhwnyx,yxcn->mhwc", views, W[::-1, ::-1])
    pixels = np.lib.stride_tricks.sliding_window_view(zero_pad(A_prev, p), (f, f), axis=(1, 2))
    dW = np.einsum("mhwcyx,mhwn->yxcn", pixels[:, ::s, ::s], dZ)
    db = dZ.reshape(-1, n_C).sum(0)[None, None, None]
    return dA[:, p : H - p, p : W_ - p], dW, db


# Wrong solutions that are not among the known mistakes


@add.wrong("db of shape (n_C,)")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev, dW, db.ravel()


@add.wrong("dA_prev transposed")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev.transpose(0, 2, 1, 3), dW, db


@add.wrong("dW transposed")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev, dW.transpose(1, 0, 2, 3), db


@add.wrong("dW not computed")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev, None, db


@add.wrong("stride of the published test")
def _(dZ, cache):
    return vectorized.conv_backward(dZ, (*cache[:3], {**cache[3], "stride": 2}))


@add.wrong("clipped")
def _(dZ, cache):
    return tuple(np.clip(x, -3, 3) for x in vectorized.conv_backward(dZ, cache))


ADD_A = "da_slice += W[:, :, :, c] * dZ[i, h, w, c]"
ADD_W = "dW[:, :, :, c] += a_slice * dZ[i, h, w, c]"
ADD_B = "db[:, :, :, c] += dZ[i, h, w, c]"
UNPAD = "dA_prev[i] = da_prev_pad[pad : pad + n_H_prev, pad : pad + n_W_prev, :]"
STARTED = "np.zeros(A_prev.shape)"
add.edited(
    "dA_prev from random numbers",
    {STARTED: "np.random.randn(*A_prev.shape)", UNPAD: UNPAD.replace("= ", "+= ", 1)},
    *CHANGING,
)
add.edited("db from random numbers", {"np.zeros(b.shape)": "np.random.randn(*b.shape)"}, *CHANGING)
add.edited("from ones", {"np.zeros(b.shape)": "np.ones(b.shape)"})
add.edited(
    "h and w swapped in dW",
    {ADD_W: ADD_W.replace("h, w, c]", "min(w, n_H - 1), min(h, n_W - 1), c]")},
)
add.edited("a row too many", {"range(n_H)": "range(n_H + 1)"})
add.edited("a column too many", {"range(n_W)": "range(n_W + 1)"})
add.edited("an image too many", {"range(m)": "range(m + 1)"})
add.edited("last row missing", {"range(n_H)": "range(n_H - 1)"})
add.edited("dA_prev averaged", {"return dA_prev, dW, db": "return dA_prev / m, dW, db"})
add.edited(
    "dW and db subtracted", {ADD_W: ADD_W.replace("+=", "-="), ADD_B: ADD_B.replace("+=", "-=")}
)
add.edited("first filter only", {ADD_A: ADD_A.replace("W[:, :, :, c]", "W[:, :, :, 0]")})
add.edited("filters over the channels", {"range(n_C)": "range(n_C_prev)"})
add.edited("window as large as the stride", {"vert_start + f": "vert_start + stride"})
add.edited("nothing but db", {ADD_A: "pass", ADD_W: "pass"})


add.edited("first image of dZ in dW", {"a_slice * dZ[i, h, w, c]": "a_slice * dZ[0, h, w, c]"})

add.edited("cut by 1", {"[pad : pad + n_H_prev, pad : pad + n_W_prev, :]": "[1:-1, 1:-1, :]"})

add.edited("cut by 2", {"[pad : pad + n_H_prev, pad : pad + n_W_prev, :]": "[2:-2, 2:-2, :]"})

add.edited(
    "bias times the gradient",
    {"db[:, :, :, c] += dZ[i, h, w, c]": "db[:, :, :, c] += b[:, :, :, c] * dZ[i, h, w, c]"},
)

add.edited(
    "whole W",
    {"da_slice += W[:, :, :, c] * dZ[i, h, w, c]": "da_slice += W.sum(axis=3) * dZ[i, h, w, c]"},
)

add.edited("first filter alone", {"for c in range(n_C)": "for c in range(1)"})

add.edited(
    "corner rows from w",
    {
        "for w in range(n_W):": "for w in range(n_W):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
)

add.edited("filter transposed", {"W[:, :, :, c] * dZ": "W[:, :, :, c].transpose(1, 0, 2) * dZ"})

add.edited("divided by n_C", {"return dA_prev, dW, db": "return dA_prev / n_C, dW, db"})

add.edited("dZ times W in dW", {"a_slice * dZ[i, h, w, c]": "W[:, :, :, c] * dZ[i, h, w, c]"})

add.edited(
    "cut without pad",
    {"[pad : pad + n_H_prev, pad : pad + n_W_prev, :]": "[:n_H_prev, :n_W_prev, :]"},
)
