"""Solutions of conv_transpose_forward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("conv_transpose_forward")


@add.right("einsum, cut from a larger canvas")
def _(A_prev, W, b, hparameters):
    stride, pad, more = hparameters["stride"], hparameters["pad"], hparameters["output_pad"]
    m, n_H, n_W, _ = A_prev.shape
    f, _, n_C, _ = W.shape
    canvas = np.zeros((m, stride * n_H + f + more, stride * n_W + f + more, n_C))
    for h in range(n_H):
        for w in range(n_W):
            top, left = stride * h, stride * w
            copies = np.einsum("ip,yxcp->iyxc", A_prev[:, h, w], W)
            canvas[:, top : top + f, left : left + f] += copies
    height, width = ((n - 1) * stride + f + more for n in (n_H, n_W))
    return canvas[:, pad : height - pad, pad : width - pad] + b, (A_prev, W, b, hparameters)


@add.right("zeros between the pixels, then an ordinary convolution")
def _(A_prev, W, b, hparameters):
    stride, pad, more = hparameters["stride"], hparameters["pad"], hparameters["output_pad"]
    m, n_H, n_W, n_C_prev = A_prev.shape
    f = W.shape[0]
    spread = np.zeros((m, stride * (n_H - 1) + 1, stride * (n_W - 1) + 1, n_C_prev))
    spread[:, ::stride, ::stride] = A_prev
    border = (f - 1, f - 1 + more)
    spread = np.pad(spread, ((0, 0), border, border, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(spread, (f, f), (1, 2))
    whole = np.einsum("ihwpyx,yxcp->ihwc", windows, W[::-1, ::-1])
    height, width = whole.shape[1:3]
    return whole[:, pad : height - pad, pad : width - pad] + b, (A_prev, W, b, hparameters)


@add.right("output by output, with prints")
def _(A_prev, W, b, hparameters):
    s, p, a = (hparameters[name] for name in ("stride", "pad", "output_pad"))
    (m, n_H_prev, n_W_prev, _), (f, _, n_C, _) = A_prev.shape, W.shape
    n_H, n_W = ((n - 1) * s + f - 2 * p + a for n in (n_H_prev, n_W_prev))
    Z = np.empty((m, n_H, n_W, n_C))
    for i, row, column in np.ndindex(m, n_H, n_W):
        total = b[0, 0, 0].copy()
        for h, w in np.ndindex(n_H_prev, n_W_prev):
            y, x = row + p - h * s, column + p - w * s
            if 0 <= y < f and 0 <= x < f:
                total = total + W[y, x] @ A_prev[i, h, w]
        print(i, row, column, total)
        Z[i, row, column] = total
    return Z, [A_prev, W, b, hparameters]


@add.right("copies that are cropped at the edges of Z, bias first")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    rows, columns = ((n - 1) * s + f - 2 * p + hparameters["output_pad"] for n in A_prev.shape[1:3])
    Z = np.zeros((A_prev.shape[0], rows, columns, W.shape[2])) + b
    for (i, h, w, k), value in np.ndenumerate(A_prev):
        for y in range(f):
            for x in range(f):
                row, column = h * s + y - p, w * s + x - p
                if 0 <= row < rows and 0 <= column < columns:
                    Z[i, row, column] += value * W[y, x, :, k]
    return Z, (A_prev, W, b, hparameters)


@add.right("np.kron where copies do not overlap, else added up")
def _(A_prev, W, b, hparameters):
    stride, pad, more = hparameters["stride"], hparameters["pad"], hparameters["output_pad"]
    f, n = W.shape[0], A_prev.shape
    total = 0
    for y in range(f):
        for x in range(f):
            one = np.zeros((stride, stride))
            one[0, 0] = 1
            pixels = np.einsum("ihwp,cp->ichw", A_prev, W[y, x])
            spread = np.kron(pixels, one)[..., : stride * (n[1] - 1) + 1, : stride * (n[2] - 1) + 1]
            below, right_ = f - 1 - y + more, f - 1 - x + more
            total = total + np.pad(spread, ((0, 0), (0, 0), (y, below), (x, right_)))
    total = np.moveaxis(total, 1, -1)
    Z = total[:, pad : total.shape[1] - pad, pad : total.shape[2] - pad]
    return Z + b, (A_prev, W, b, hparameters)


class _Transposed:
    """A layer as a class with the function as its call."""

    def __call__(self, A_prev, W, b, hparameters, check=True):
        self.stride, self.pad = hparameters["stride"], hparameters["pad"]
        n_H, n_W = (self.size(n, W, hparameters) for n in A_prev.shape[1:3])
        canvas = np.zeros((len(A_prev), n_H + 2 * self.pad, n_W + 2 * self.pad, W.shape[2]))
        for image, a in zip(canvas, A_prev, strict=True):
            for h, w in np.ndindex(a.shape[:2]):
                place = np.s_[h * self.stride :, w * self.stride :]
                image[place][: W.shape[0], : W.shape[1]] += np.tensordot(W, a[h, w], axes=1)
        canvas += b
        inner = [np.arange(self.pad, self.pad + n) for n in (n_H, n_W)]
        return canvas[:, inner[0]][:, :, inner[1]], (A_prev, W, b, hparameters)

    def size(self, n, W, hparameters):
        return self.stride * (n - 1) + W.shape[0] - 2 * self.pad + hparameters["output_pad"]


add.right("an instance", _Transposed())


@add.right("a matrix for each axis, transposed")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]

    def taps(n):
        size = s * (n - 1) + f - 2 * p + hparameters["output_pad"]
        matrix = np.zeros((size, n, f))
        for place in range(n):
            for offset in range(f):
                if 0 <= s * place + offset - p < size:
                    matrix[s * place + offset - p, place, offset] = 1
        return matrix

    rows, columns = (taps(n) for n in A_prev.shape[1:3])
    Z = np.einsum("Hhy,Wwx,ihwp,yxcp->iHWc", rows, columns, A_prev, W, optimize=True) + b
    return Z, (A_prev, W, b, hparameters)


# Wrong solutions that are not among the known mistakes

CANVAS = "np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))"
SCALED = "A_prev[i, h, w, k] * W[:, :, :, k]"
LAY = "canvas[i, vert_start:vert_end, horiz_start:horiz_end, :] += scaled"
LEFT = "canvas[:, pad : pad + n_H, pad : pad + n_W, :] + b"
SIZES = {
    n_H: n_H.replace("n_H", "n_W") for n_H in ["stride * (n_H_prev - 1) + f - 2 * pad + output_pad"]
}


@add.wrong("an ordinary convolution")
def _(A_prev, W, b, hparameters):
    swapped = W.transpose(0, 1, 3, 2)
    return vectorized.conv_forward(A_prev, swapped, b, hparameters)


@add.wrong("rows and columns of Z swapped")
def _(*arguments):
    Z, cache = vectorized.conv_transpose_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@add.wrong("every pixel repeated")
def _(A_prev, W, b, hparameters):
    Z, cache = vectorized.conv_transpose_forward(A_prev, W, b, hparameters)
    rows = np.arange(Z.shape[1]) * A_prev.shape[1] // Z.shape[1]
    columns = np.arange(Z.shape[2]) * A_prev.shape[2] // Z.shape[2]
    return Z * 0 + A_prev[:, rows][:, :, columns, :1], cache


@add.wrong("sizes of the published examples")
def _(A_prev, W, b, hparameters):
    settings = {"stride": 1, "pad": 0, "output_pad": 0}
    return vectorized.conv_transpose_forward(A_prev, W, b, settings)[0], (A_prev, W, b, hparameters)


@add.wrong("cache with other parameters")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_transpose_forward(A_prev, W, b, hparameters)
    return Z, (A_prev, W, b, {"stride": 1, "pad": 0})


@add.wrong("the average where copies overlap")
def _(A_prev, W, b, hparameters):
    Z, cache = vectorized.conv_transpose_forward(A_prev, W, 0 * b, hparameters)
    ones = np.ones(A_prev[:1, :, :, :1].shape), np.ones((*W.shape[:2], 1, 1))
    count, _ = vectorized.conv_transpose_forward(*ones, np.zeros((1, 1, 1, 1)), hparameters)
    return Z / np.maximum(count, 1) + b, cache


@add.wrong("filter transposed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_transpose_forward(A_prev, W.transpose(1, 0, 2, 3), b, hparameters)
    return Z, (A_prev, W, b, hparameters)


add.edited("last row missing", {"for h in range(n_H_prev)": "for h in range(n_H_prev - 1)"})
add.edited("rows over the width", {"for h in range(n_H_prev)": "for h in range(n_W_prev)"})
add.edited("subtracted", {LAY: LAY.replace("+=", "-=")})
add.edited("from ones", {CANVAS: CANVAS.replace("zeros", "ones")})
add.edited("bias subtracted", {LEFT: LEFT.replace("+ b", "- b")})
add.edited("bias twice", {LEFT: LEFT.replace("+ b", "+ 2 * b")})
add.edited("cut a row too late", {LEFT: LEFT.replace("pad : pad + n_H", "pad + 1 : pad + 1 + n_H")})
add.edited("last channel missing", {"for k in range(n_C_prev)": "for k in range(n_C_prev - 1)"})
add.edited("channels of the output", {"for k in range(n_C_prev)": "for k in range(n_C)"})
add.edited("window of 3", {"vert_start + f": "vert_start + 3"})
add.edited("height from the width", SIZES)
add.edited("stamp without the filter", {SCALED: "A_prev[i, h, w, k]"})
add.edited("filter without the value", {SCALED: "W[:, :, :, k]"})
add.edited("averaged over the channels", {LEFT: LEFT.replace("+ b", "/ n_C_prev + b")})


add.edited(
    "corner rows from w",
    {
        "for w in range(n_W_prev):": "for w in range(n_W_prev):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
)

add.edited("output_pad of one", {'hparameters.get("output_pad", 0)': "1"})

add.edited("bias summed", {":] + b\n": ":] + b.sum()\n"})

add.edited(
    "size of 'same', stride times the input",
    {
        "stride * (n_H_prev - 1) + f - 2 * pad + output_pad": "stride * n_H_prev",
        "stride * (n_W_prev - 1) + f - 2 * pad + output_pad": "stride * n_W_prev",
    },
)
