"""Correct solutions of conv_transpose_forward in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right


@right("conv_transpose_forward", "einsum, cut from a larger canvas")
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


@right("conv_transpose_forward", "zeros between the pixels, then an ordinary convolution")
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


@right("conv_transpose_forward", "output by output, with prints")
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


@right("conv_transpose_forward", "copies that are cropped at the edges of Z, bias first")
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


@right("conv_transpose_forward", "np.kron where copies do not overlap, else added up")
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


right("conv_transpose_forward", "an instance", _Transposed())


@right("conv_transpose_forward", "a matrix for each axis, transposed")
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
