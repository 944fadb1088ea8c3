"""Convolution by matrix products: the three sums that every convolution layer is made of.

    convolve           Z[i,h,w,c]  = sum_yxp  X[i, h*stride+y, w*stride+x, p] W[y,x,p,c]
    weight_gradient    dW[y,x,p,c] = sum_ihw  X[i, h*stride+y, w*stride+x, p] dZ[i,h,w,c]
    input_gradient     dX[i, h*stride+y, w*stride+x, p] += sum_c  dZ[i,h,w,c] W[y,x,p,c]

X and dX are meant with `pad` zeros on each side. A transposed convolution is the third sum used
forward, so it needs the same three.

How they become fast. All arithmetic is left to matrix products, because a BLAS library does those
at nearly the full speed of the processor. The first two sums copy windows into the rows of a
matrix, one product each. They do so for a block of windows that fits into the second-level cache:
copying is then cheap beside the product, and memory does not grow with the batch. Where a window
has few channels, its pixels are short runs, slow to copy; then the matrix is filled column by
column instead, a run for each row of the output. The third sum goes the other way: a product gives
what a block of outputs adds to one row of each of its windows, and overlapping windows are added
up, rows first, in runs as long as possible, and columns last.

Tried and not kept, for 32 images of 56x56x64 with 64 filters of 3x3 (and of 22x22x32 with 64 of
7x7), on one thread: the windows of the whole batch at once, f*f times the memory and 1.7 (1.5)
times the time; one product for each offset in the window, without copies, 1.2 times in both; the
third sum with whole windows instead of their rows, 1.1 (1.6) times that sum's.

Sources: Chellapilla, Puri and Simard, "High performance convolutional neural networks for document
processing", 2006; Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
arXiv:1603.07285.
"""

import numpy as np

from convnet._blocks import images_and_rows, sum_of_channels

__all__ = ["bias_gradient", "convolve", "input_gradient", "weight_gradient"]

SHORT = 10  # numbers: a row of a window is copied as one run from this length on


def _padded(X, pad):
    """X with `pad` zeros on each side of its height and width; X itself where that is none."""
    if pad == 0:
        return X
    (m, n_H, n_W, n_C) = X.shape
    out = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), X.dtype)
    out[:, pad:-pad, pad:-pad] = X
    return out


def _windows(X, f, stride):
    """All windows of X as a view (m, n_H, n_W, f, f, n_C) that cannot be written to."""
    (m, n_H_prev, n_W_prev, n_C) = X.shape
    shape = (m, (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1, f, f, n_C)
    (image, row, column, channel) = X.strides
    steps = (image, row * stride, column * stride, row, column, channel)
    return np.lib.stride_tricks.as_strided(X, shape, steps, writeable=False)


def convolve(X, W, stride, pad, b=0):
    """
    The first sum, and b added to it.

    X -- array of shape (m, n_H_prev, n_W_prev, n_C_prev); W -- (f, f, n_C_prev, n_C)
    b -- (1, 1, 1, n_C)

    Returns Z, (m, n_H, n_W, n_C).
    """
    (f, _, _, n_C) = W.shape
    view = _windows(_padded(X, pad), f, stride)
    weights = W.reshape(-1, n_C)
    Z = np.empty((*view.shape[:3], n_C), X.dtype)
    rows = _Rows(view)
    for block in rows.blocks():
        # A view of Z, because a block is whole images or rows of one image.
        np.matmul(rows[block], weights, out=Z[block].reshape(-1, n_C))
        Z[block] += b
    return Z


def weight_gradient(X, dZ, f, stride, pad):
    """
    The second sum.

    X -- array of shape (m, n_H_prev, n_W_prev, n_C_prev); dZ -- (m, n_H, n_W, n_C)

    Returns dW, (f, f, n_C_prev, n_C).
    """
    n_C = dZ.shape[3]
    rows = _Rows(_windows(_padded(X, pad), f, stride))
    dW = np.zeros((f * f * X.shape[3], n_C), X.dtype)
    for block in rows.blocks():
        dW += rows[block].T @ dZ[block].reshape(-1, n_C)
    return dW.reshape(f, f, -1, n_C)


def bias_gradient(dZ):
    """The sum of dZ, (m, n_H, n_W, n_C), for each channel: db, (1, 1, 1, n_C)."""
    return sum_of_channels(dZ).reshape(1, 1, 1, -1)


def input_gradient(dZ, W, shape, stride, pad):
    """
    The third sum.

    dZ -- array of shape (m, n_H, n_W, n_C); W -- (f, f, n_C_prev, n_C)
    shape -- (n_H_prev, n_W_prev), without the padding

    Returns dX, (m, n_H_prev, n_W_prev, n_C_prev).
    """
    (f, _, n_C_prev, n_C) = W.shape
    (m, _, n_W, _) = dZ.shape
    weights = W.reshape(f, f * n_C_prev, n_C).transpose(0, 2, 1)
    if (f, stride, pad) == (1, 1, 0):
        return dZ @ weights[0]
    dX = np.zeros((m, *shape, n_C_prev), dZ.dtype)
    # Twice, for the product and what it is added to.
    for images, rows in images_and_rows(dZ.shape, 2 * n_W * f * n_C_prev * dZ.itemsize):
        block = dZ[images, rows]
        (count, n_H) = block.shape[:2]
        # What each row of each window gets, for all columns of the window side by side.
        added = np.zeros((count, (n_H - 1) * stride + f, n_W, f * n_C_prev), dZ.dtype)
        for y in range(f):
            product = block.reshape(-1, n_C) @ weights[y]
            added[:, y : y + n_H * stride : stride][:, :n_H] += product.reshape(count, n_H, n_W, -1)
        _add_columns(dX[images], added, rows.start * stride - pad, stride, pad)
    return dX


def _add_columns(dX, added, top, stride, pad):
    """Add what the rows from `top` on get to dX, without what falls into the padding."""
    (n_H_prev, n_W_prev, n_C_prev) = dX.shape[1:]
    (count, height, n_W, _) = added.shape
    first, last = max(0, top), min(n_H_prev, top + height)
    added = added.reshape(count, height, n_W, -1, n_C_prev)[:, first - top : last - top]
    for x in range(added.shape[3]):
        w = max(0, -(-(pad - x) // stride))  # the first window whose column x is not padding
        left = w * stride + x - pad
        columns = dX[:, first:last, left::stride][:, :, : n_W - w]
        columns += added[:, :, w : w + columns.shape[2], x]


class _Rows:
    """Windows as rows of matrices, a block of them at a time in the same memory.

    rows[block] is an array (windows in the block, f*f*n_C), good until the next one is asked for.
    """

    def __init__(self, view):
        self.view = view
        (f, _, n_C) = view.shape[3:]
        self.width = f * f * n_C
        self.by_column = f * n_C < SHORT
        self.memory = np.empty(0, view.dtype)

    def blocks(self):
        return images_and_rows(
            self.view.shape, self.view.shape[2] * self.width * self.view.itemsize
        )

    def __getitem__(self, block):
        view = self.view[block]
        if self.width == view.shape[5]:  # windows of one pixel: nothing overlaps
            return view.reshape(-1, self.width)
        if self.memory.size < view.size:
            self.memory = np.empty(view.size, view.dtype)
        memory = self.memory[: view.size]
        if self.by_column:
            columns = view.transpose(3, 4, 5, 0, 1, 2)
            memory.reshape(columns.shape)[...] = columns
            return memory.reshape(self.width, -1).T
        memory.reshape(view.shape)[...] = view
        return memory.reshape(-1, self.width)
