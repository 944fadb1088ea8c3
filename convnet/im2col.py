"""Compute convolutions by matrix products: the three sums of every convolution layer.

    convolve           y[i,h,w,c]  = sum_rqk  x[i, h*stride+r, w*stride+q, k] W[r,q,k,c] + b[c]
    weight_gradient    dW[r,q,k,c] = sum_ihw  x[i, h*stride+r, w*stride+q, k] dy[i,h,w,c]
    input_gradient     dx[i, h*stride+r, w*stride+q, k] += sum_c  dy[i,h,w,c] W[r,q,k,c]

x and dx include `padding` zeros on each side. A transposed convolution uses the third sum in its
forward pass, so it needs the same three. Windows have f rows and g columns, and a step of their own
in each direction; layers have square ones, and `convnet.toeplitz` uses others.

Speed: all arithmetic is done by matrix products, because a BLAS library runs them at nearly the
full speed of the processor. The first two sums copy windows into the rows of a matrix (**im2col**)
and compute one product. They do so for a block of windows that fits into the second-level cache, so
copying is cheap compared with the product, and memory does not grow with the batch, apart from a
padded copy of the input. A block has at least 512 windows, whatever their size: with fewer, the
product would spend its time loading the weights. If there are few channels, the pixels of a window
are short runs, which are slow to copy; the matrix is then filled column by column, in one run per
output row. The third sum works in reverse: a product computes the contributions of a block of
outputs to one row of each of their windows, and **col2im** sums the windows where they overlap,
rows first, in runs as long as possible, and columns last, as many side by side as a step is wide.

Alternatives that were slower, for 32 images of 56x56x64 with 64 filters of 3x3 (in parentheses: of
22x22x32 with 64 of 7x7), on one thread: the windows of the whole batch at once, f*f times the
memory and 1.7 (1.5) times the time; one product for each offset in the window, without copies, 1.2
times the time in both; the third sum with whole windows instead of their rows, 1.1 (1.6) times the
time of that sum.

Sources: Chellapilla, Puri and Simard, "High performance convolutional neural networks for document
processing", 2006; Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
arXiv:1603.07285.
"""

import math
from collections.abc import Iterator

import numpy as np

from convnet.blocks import Memory, images_and_rows, sum_of_channels
from convnet.types import Array, Size

__all__ = ["Im2col", "bias_gradient", "convolve", "input_gradient", "weight_gradient"]

Block = tuple[slice, slice]  # of images, and of rows of the output

SHORT = 10  # numbers: a row of a window is copied as one run from this length on


def convolve(x: Array, W: Array, b: Array | None, strides: Size, padding: int) -> Array:
    """Compute the first sum.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    W : ndarray of shape (f, g, n_C_prev, n_C)
        Weights, for windows of f rows and g columns.
    b : ndarray of shape (n_C,), or None
        Biases.
    strides : tuple of int
        Steps between windows, along the rows and along the columns of the images.
    padding : int
        Zeros on each side.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps.
    """
    weights = W.reshape(-1, W.shape[3])
    windows = Im2col(x, W.shape[:2], strides, padding)
    y = np.empty((*windows.shape, W.shape[3]), x.dtype)
    for block in windows.blocks():
        # This is a view of y, because a block consists of whole images or of rows of one image.
        np.matmul(windows[block], weights, out=y[block].reshape(-1, W.shape[3]))
        if b is not None:
            y[block] += b
    return y


def weight_gradient(x: Array, dy: Array, kernel: Size, strides: Size, padding: int) -> Array:
    """Compute the second sum.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    kernel, strides : tuple of int
        f and g, the rows and columns of a window; steps between windows.
    padding : int
        Zeros on each side.

    Returns
    -------
    dW : ndarray of shape (f, g, n_C_prev, n_C)
        Gradient with respect to the weights.
    """
    windows = Im2col(x, kernel, strides, padding)
    dW = np.zeros((windows.width, dy.shape[3]), x.dtype)
    for block in windows.blocks():
        dW += windows[block].T @ dy[block].reshape(-1, dy.shape[3])
    return dW.reshape(*kernel, -1, dy.shape[3])


def bias_gradient(dy: Array) -> Array:
    """Sum dy, of shape (m, n_H, n_W, n_C), for each channel: db, (n_C,)."""
    return sum_of_channels(dy)


def input_gradient(dy: Array, W: Array, size: Size, strides: Size, padding: int) -> Array:
    """Compute the third sum.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    W : ndarray of shape (f, g, n_C_prev, n_C)
        Weights.
    size, strides : tuple of int
        (n_H_prev, n_W_prev), the height and width of the input without padding; steps between
        windows.
    padding : int
        Zeros on each side.

    Returns
    -------
    dx : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Gradient with respect to the input.
    """
    (f, g, n_C_prev, n_C) = W.shape
    weights = W.reshape(f, g * n_C_prev, n_C).transpose(0, 2, 1)
    (m, n_H, n_W, _) = dy.shape
    (down, right) = strides
    if (f, g, strides, padding) == (1, 1, (1, 1), 0):  # windows of one pixel: nothing overlaps
        dx = np.empty((m, *size, n_C_prev), dy.dtype)
        for pixels in images_and_rows(dy.shape, n_C_prev * dy.itemsize):
            out = dx[pixels].reshape(-1, n_C_prev)
            np.matmul(dy[pixels].reshape(-1, n_C), weights[0], out=out)
        return dx
    # With the padding. Runs of `right` columns, so that those of neighboring windows touch.
    run = right * n_C_prev
    height = max(size[0] + 2 * padding, (n_H - 1) * down + f)
    width = max(-(-(size[1] + 2 * padding) // right), n_W - 1 + -(-g // right))
    dx = np.zeros((m, height, width, run), dy.dtype)
    products, memory = Memory(dy.dtype), Memory(dy.dtype)
    # Twice the size: for the product, and for the rows that it is added to.
    for images, rows in images_and_rows(dy.shape, 2 * g * n_C_prev * dy.itemsize):
        block = dy[images, rows]
        (count, n_rows, _, _) = block.shape
        # The contributions to each row of each window, for all columns of the window side by side.
        columns = memory(count, (n_rows - 1) * down + f, n_W, g * n_C_prev)
        columns[:, n_rows * down if down <= f else 0 :] = 0  # rows without a product, or all
        product = products(count * n_rows * n_W, g * n_C_prev)
        for r in range(f):
            np.matmul(block.reshape(-1, n_C), weights[r], out=product)
            part = columns[:, r : r + n_rows * down : down][:, :n_rows]
            if r < down:  # the first product in these rows
                part[...] = product.reshape(part.shape)
            else:
                part += product.reshape(part.shape)
        top = rows.start * down
        target = dx[images, top : top + columns.shape[1]]
        for shift, start in enumerate(range(0, g * n_C_prev, run)):
            part = columns[..., start : start + run]
            target[:, :, shift : shift + n_W, : part.shape[3]] += part
    dx = dx.reshape(m, dx.shape[1], width * right, n_C_prev)
    return np.ascontiguousarray(dx[:, padding : padding + size[0], padding : padding + size[1]])


class Im2col:
    """The im2col matrix of a batch: each row is a window, of f*g*n_C_prev values.

    The matrix is built block by block in the same memory: `windows[block]` is an array of shape
    (windows in the block, f*g*n_C_prev), which is valid until the next block is requested.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    kernel, strides : tuple of int
        f and g, the rows and columns of the windows; steps between them.
    padding : int
        Zeros on each side.

    Attributes
    ----------
    shape : tuple of int
        (m, n_H, n_W); their product is the number of rows.
    width : int
        Number of columns of the matrix.
    """

    def __init__(self, x: Array, kernel: Size, strides: Size, padding: int) -> None:
        (m, n_H_prev, n_W_prev, n_C_prev) = x.shape
        if padding:
            padded = np.zeros(
                (m, n_H_prev + 2 * padding, n_W_prev + 2 * padding, n_C_prev), x.dtype
            )
            padded[:, padding:-padding, padding:-padding] = x
            x = padded
        steps = zip(x.shape[1:3], kernel, strides, strict=True)
        self.shape = (m, *((n - f) // stride + 1 for n, f, stride in steps))
        self.width = math.prod(kernel) * n_C_prev
        (image, row, column, channel) = x.strides
        # A view of all windows.
        self.view = np.lib.stride_tricks.as_strided(
            x,
            (*self.shape, *kernel, n_C_prev),
            (image, row * strides[0], column * strides[1], row, column, channel),
            writeable=False,
        )
        self.by_column = kernel[1] * n_C_prev < SHORT
        self.memory = Memory(x.dtype)

    def blocks(self) -> Iterator[Block]:
        """Yield the slices of images and output rows of each block."""
        return images_and_rows(self.shape, self.width * self.view.itemsize)

    def __getitem__(self, block: Block) -> Array:
        view = self.view[block]
        if self.width == view.shape[5]:  # windows of one pixel: nothing overlaps
            return view.reshape(-1, self.width)
        if self.by_column:
            columns = view.transpose(3, 4, 5, 0, 1, 2)
            memory = self.memory(*columns.shape)
            memory[...] = columns
            return memory.reshape(self.width, -1).T
        memory = self.memory(*view.shape)
        memory[...] = view
        return memory.reshape(-1, self.width)
