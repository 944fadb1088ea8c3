"""Compute convolutions at stride 1 with fewer multiplications: transform, multiply, transform back.

A tile of n x n outputs depends on N x N inputs, N = n + f - 1. Computed directly, it takes f^2 n^2
multiplications for each pair of channels. A `Method` takes fewer, P: it transforms the N x N inputs
and the f x f weights of each pair of channels into P numbers each, multiplies these one by one, and
transforms the P products into the n x n outputs,

    y = A [ (G w) * (B d) ]

for a tile d, a kernel w and matrices A, B, G that depend only on n and f; * is the product of
entries. Sums over the channels are formed before the transformation back, which makes each of the P
places a product of two matrices, (tiles, n_C_prev) and (n_C_prev, n_C). The transformations are
matrix products too, so all arithmetic is. `convnet.winograd` and `convnet.fourier` derive matrices.

The transformations cost P N^2 multiplications for a tile of each channel of the input, P f^2 for a
kernel, and P n^2 for a tile of each channel of the output. They pay if there are many channels, and
many tiles for each kernel.

Tiles are processed in blocks that fit into the second-level cache, but of at least 64 tiles, as the
products would otherwise spend their time loading the weights. All blocks use the same memory.

The gradients are those of the formula: with respect to the weights, dw = G' [ (A' dy) * (B d) ],
where ' is the transpose; the one with respect to the input is again a convolution.

Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", arXiv:1509.09308.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from convnet.blocks import BLOCK, Memory
from convnet.types import Array, Size

__all__ = ["Method", "convolve", "input_gradient", "weight_gradient"]

FEWEST = 64  # tiles in a block at least
OF_WEIGHTS = 6  # time of a multiplication that transforms weights: P results for f^2 numbers

Block = tuple[slice, slice]  # of images, and of rows of tiles


@dataclass(frozen=True, eq=False)
class Method:
    """A way to compute n x n outputs of an f x f convolution with P multiplications.

    Parameters
    ----------
    n, f : int
        Height and width of a tile of outputs, and of the kernel.
    A, B, G : ndarrays of shapes (n * n, P), (P, N * N) and (P, f * f), with N = n + f - 1
        Transformations to the outputs, of the inputs, and of the weights; tiles are flattened.
    """

    n: int
    f: int
    A: Array
    B: Array
    G: Array

    def __post_init__(self) -> None:
        for name in ("A", "B", "G"):
            object.__setattr__(self, name, getattr(self, name).astype(np.float32))

    def cost(self, shape: tuple[int, int, int], n_C_prev: int, n_C: int) -> int:
        """Estimate the time of a layer, as a number of multiplications in a large matrix product.

        Parameters
        ----------
        shape : tuple of int
            (m, n_H, n_W) of the output.
        n_C_prev, n_C : int
            Numbers of channels.

        Returns
        -------
        cost : int
            All multiplications, those for the transformation of the weights counted repeatedly.
        """
        tiles = shape[0] * math.prod(self.rows_and_columns(shape))
        transformations = tiles * (self.B.size * n_C_prev + self.A.size * n_C)
        products = tiles * len(self.B) * n_C_prev * n_C
        return transformations + products + OF_WEIGHTS * self.G.size * n_C_prev * n_C

    def memory(self, shape: tuple[int, int, int], n_C_prev: int, n_C: int) -> int:
        """Count the numbers that are stored at once, apart from input, padding and result.

        Parameters
        ----------
        shape, n_C_prev, n_C
            As in `cost`.

        Returns
        -------
        count : int
            Transformed weights, and all numbers of a block.
        """
        (images, rows) = self.block(shape, n_C_prev, n_C)
        tiles = images * rows * self.rows_and_columns(shape)[1]
        numbers = sum(self.B.shape) * n_C_prev + sum(self.A.shape) * n_C
        return tiles * numbers + len(self.B) * n_C_prev * n_C

    def rows_and_columns(self, shape: tuple[int, int, int]) -> Size:
        """Return the number of rows and of columns of tiles of an image; `shape` as in `cost`."""
        (_, n_H, n_W) = shape
        return -(-n_H // self.n), -(-n_W // self.n)

    def block(self, shape: tuple[int, int, int], n_C_prev: int, n_C: int) -> tuple[int, int]:
        """Choose the size of a block: whole images, or rows of tiles of one image.

        Parameters
        ----------
        shape, n_C_prev, n_C
            As in `cost`.

        Returns
        -------
        images, rows : int
            Images, and rows of tiles of each.
        """
        (rows, columns) = self.rows_and_columns(shape)
        tiles = max(FEWEST, BLOCK // (len(self.B) * max(n_C_prev, n_C) * self.B.itemsize))
        images = min(shape[0], max(1, tiles // (rows * columns)))
        return images, min(rows, max(1, tiles // columns))


def convolve(x: Array, W: Array, b: Array | None, padding: int, method: Method) -> Array:
    """Compute y[i,h,w,c] = sum_rqk x[i, h+r, w+q, k] W[r,q,k,c] + b[c].

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images, float32.
    W : ndarray of shape (f, f, n_C_prev, n_C)
        Weights.
    b : ndarray of shape (n_C,), or None
        Biases.
    padding : int
        Zeros on each side.
    method : Method
        For kernels of size f.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps.
    """
    (_, _, n_C_prev, n_C) = W.shape
    places = len(method.B)
    weights = (method.G @ W.reshape(method.f**2, -1)).reshape(places, n_C_prev, n_C)
    tiles = Tiles(x, padding, method, n_C)
    y = np.empty((*tiles.shape, n_C), x.dtype)
    product_memory, output_memory = Memory(x.dtype), Memory(x.dtype)
    for block in tiles.blocks():
        transformed = tiles.transformed(block)
        products = product_memory(*transformed.shape[:2], n_C)
        np.matmul(transformed, weights, out=products)
        outputs = output_memory(method.n**2, transformed.shape[1] * n_C)
        np.matmul(method.A, products.reshape(places, -1), out=outputs)
        if b is not None:
            outputs.reshape(-1, n_C)[...] += b
        tiles.put(outputs, y, block)
    return y


def input_gradient(dy: Array, W: Array, padding: int, method: Method) -> Array:
    """Compute dx[i, h+r, w+q, k] += sum_c dy[i,h,w,c] W[r,q,k,c], by flipping the kernels.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output, float32.
    W : ndarray of shape (f, f, n_C_prev, n_C)
        Weights.
    padding : int
        Zeros on each side of the input, at most f - 1.
    method : Method
        For kernels of size f.

    Returns
    -------
    dx : ndarray of shape (m, n_H + f - 1 - 2 * padding, n_W + f - 1 - 2 * padding, n_C_prev)
        Gradient with respect to the input.
    """
    flipped = W[::-1, ::-1].transpose(0, 1, 3, 2)
    return convolve(dy, flipped, None, method.f - 1 - padding, method)


def weight_gradient(x: Array, dy: Array, padding: int, method: Method) -> Array:
    """Compute dW[r,q,k,c] = sum_ihw x[i, h+r, w+q, k] dy[i,h,w,c].

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images, float32.
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    padding : int
        Zeros on each side.
    method : Method
        For kernels of size f.

    Returns
    -------
    dW : ndarray of shape (f, f, n_C_prev, n_C)
        Gradient with respect to the weights.
    """
    (places, f) = len(method.B), method.f
    (n_C_prev, n_C) = x.shape[3], dy.shape[3]
    tiles = Tiles(x, padding, method, n_C)
    total = np.zeros((places, n_C_prev, n_C), x.dtype)
    step = max(1, BLOCK // total[0].nbytes)  # places at a time, to save memory
    for block in tiles.blocks():
        transformed = tiles.transformed(block).transpose(0, 2, 1)
        gradients = (method.A.T @ tiles.take(dy, block)).reshape(places, -1, n_C)
        for place in range(0, places, step):
            some = slice(place, place + step)
            total[some] += transformed[some] @ gradients[some]
    return (method.G.T @ total.reshape(places, -1)).reshape(f, f, n_C_prev, n_C)


class Tiles:
    """The overlapping tiles of a batch, of N x N inputs for n x n outputs each.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    padding : int
        Zeros on each side. More are added at the bottom and on the right to fill the last tiles.
    method : Method
        Gives n, N and the transformation.
    n_C : int
        Channels of the output; the size of a block depends on them.

    Attributes
    ----------
    shape : tuple of int
        (m, n_H, n_W) of the output.
    """

    def __init__(self, x: Array, padding: int, method: Method, n_C: int) -> None:
        (m, n_H_prev, n_W_prev, n_C_prev) = x.shape
        (n, f, side) = method.n, method.f, method.n + method.f - 1
        (n_H, n_W) = n_H_prev + 2 * padding - f + 1, n_W_prev + 2 * padding - f + 1
        self.shape, self.method = (m, n_H, n_W), method
        self.rows, self.columns = method.rows_and_columns(self.shape)
        padded = np.zeros((m, self.rows * n + f - 1, self.columns * n + f - 1, n_C_prev), x.dtype)
        padded[:, padding : padding + n_H_prev, padding : padding + n_W_prev] = x
        (image, row, column, channel) = padded.strides
        self.view = np.lib.stride_tricks.as_strided(
            padded,
            (side, side, m, self.rows, self.columns, n_C_prev),
            (row, column, image, n * row, n * column, channel),
            writeable=False,
        )
        self.images_of_block, self.rows_of_block = method.block(self.shape, n_C_prev, n_C)
        self.input_memory, self.memory = Memory(x.dtype), Memory(x.dtype)

    def blocks(self) -> Iterator[Block]:
        """Yield slices of images and of rows of tiles."""
        for i in range(0, self.shape[0], self.images_of_block):
            for h in range(0, self.rows, self.rows_of_block):
                last = min(h + self.rows_of_block, self.rows)
                yield slice(i, i + self.images_of_block), slice(h, last)

    def transformed(self, block: Block) -> Array:
        """Return the transformed inputs of a block, (P, tiles, n_C_prev), until the next call."""
        view = self.view[:, :, *block]
        inputs = self.input_memory(*view.shape)
        inputs[...] = view
        (places, positions) = self.method.B.shape
        transformed = self.memory(places, view[0, 0].size)
        np.matmul(self.method.B, inputs.reshape(positions, -1), out=transformed)
        return transformed.reshape(places, -1, view.shape[5])

    def put(self, outputs: Array, y: Array, block: Block) -> None:
        """Write the outputs of a block, (n * n, tiles * n_C), to their places in y."""
        n, target = self.method.n, self._of_block(y, block)
        placed = outputs.reshape(n, n, *self._size(block), -1).transpose(2, 3, 0, 4, 1, 5)
        if target.shape[1:3] == (placed.shape[1] * n, placed.shape[3] * n):
            target.reshape(placed.shape)[...] = placed
        else:  # the last tiles reach over the edge
            (m, rows, _, columns, _, n_C) = placed.shape
            whole = placed.reshape(m, rows * n, columns * n, n_C)
            target[...] = whole[:, : target.shape[1], : target.shape[2]]

    def take(self, dy: Array, block: Block) -> Array:
        """Return the values of dy for the outputs of a block, (n * n, tiles * n_C)."""
        n, source, (m, rows, columns) = self.method.n, self._of_block(dy, block), self._size(block)
        if source.shape[1:3] != (rows * n, columns * n):
            whole = np.zeros((m, rows * n, columns * n, dy.shape[3]), dy.dtype)
            whole[:, : source.shape[1], : source.shape[2]] = source
            source = whole
        tiles = source.reshape(m, rows, n, columns, n, -1).transpose(2, 4, 0, 1, 3, 5)
        return tiles.reshape(n * n, -1)

    def _size(self, block: Block) -> tuple[int, int, int]:
        """Return the number of images, rows and columns of tiles in a block."""
        return self.view[0, 0, *block].shape[:3]

    def _of_block(self, y: Array, block: Block) -> Array:
        """Return the view of an output that belongs to a block."""
        (images, rows) = block
        return y[images, rows.start * self.method.n : rows.stop * self.method.n]
