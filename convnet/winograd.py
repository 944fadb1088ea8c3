"""Compute 3x3 convolutions at stride 1 with fewer multiplications: Winograd's minimal filtering.

A tile of n x n outputs depends on (n+2) x (n+2) inputs. Computed directly, it takes 9 n^2 products
for each pair of channels; Winograd's algorithm takes (n+2)^2, because it first transforms the
inputs and the weights so that the convolution becomes a product of single numbers:

    y = A' [ (G w G') * (B' d B) ] A

for a tile d, a kernel w and matrices A, B, G that depend only on n; ' is the transpose and * the
product of entries. For n = 4, that is 36 products instead of 144.

In one dimension and for n = 2, with inputs d0 to d3 and weights w0 to w2, the two outputs are

    y0 = d0 w0 + d1 w1 + d2 w2 = p + q + r        p = (d0 - d2) w0
    y1 = d1 w0 + d2 w1 + d3 w2 = q - r - s        q = (d1 + d2) (w0 + w1 + w2) / 2
                                                  r = (d2 - d1) (w0 - w1 + w2) / 2
                                                  s = (d1 - d3) w2

four products instead of six: the columns of B are the differences and sums of d, the rows of G
those of w, and the columns of A say how the outputs are put together. In general, the products are
the values of two polynomials with the coefficients d and w, at 0, 1, -1, 2, -2 and so on, and at
infinity; the product of the polynomials is found from them by interpolation. The larger n, the larger the
numbers in the matrices, and the larger the rounding errors: n = 4 is the largest in use.

Flattening the tiles turns both transformations into one matrix product each, with the Kronecker
products of B' with B', and so on; in between, each of the (n+2)^2 places has a product of all tiles
with the weights of all pairs of channels. So all arithmetic is still done by matrix products.

The gradients are those of the formula above. The one with respect to the input is again a
convolution, with flipped kernels; the one with respect to the weights uses the transposed matrices.

Sources: Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms
for convolutional neural networks", arXiv:1509.09308; the matrices for n = 4 are theirs.
"""

from collections.abc import Iterator

import numpy as np

from convnet.types import Array

__all__ = ["convolve", "input_gradient", "weight_gradient"]

N = 4  # height and width of a tile of outputs
SIDE = N + 2  # height and width of a tile of inputs
B = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]  # B'
G = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
A = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
]  # A'
OF_INPUT, OF_WEIGHTS, OF_OUTPUT = (
    np.kron(matrix, matrix).astype(np.float32) for matrix in (B, G, A)
)
TILES = 256  # in a block at most


def convolve(x: Array, W: Array, b: Array | None, padding: int) -> Array:
    """
    Compute y[i,h,w,c] = sum_rqk x[i, h+r, w+q, k] W[r,q,k,c] + b[c].

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images, float32.
    W : ndarray of shape (3, 3, n_C_prev, n_C)
        Weights.
    b : ndarray of shape (n_C,), or None
        Biases.
    padding : int
        Zeros on each side.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps.
    """
    (_, _, n_C_prev, n_C) = W.shape
    weights = (OF_WEIGHTS @ W.reshape(9, -1)).reshape(-1, n_C_prev, n_C)
    tiles = Tiles(x, padding)
    y = np.empty((*tiles.shape, n_C), x.dtype)
    for block in tiles.blocks():
        products = tiles.transformed(block) @ weights
        outputs = OF_OUTPUT @ products.reshape(SIDE * SIDE, -1)
        if b is not None:
            outputs.reshape(-1, n_C)[...] += b
        tiles.put(outputs, y, block)
    return y


def input_gradient(dy: Array, W: Array, padding: int) -> Array:
    """
    Compute dx[i, h+r, w+q, k] += sum_c dy[i,h,w,c] W[r,q,k,c]: a convolution with flipped kernels.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output, float32.
    W : ndarray of shape (3, 3, n_C_prev, n_C)
        Weights.
    padding : int
        Zeros on each side of the input, at most 2.

    Returns
    -------
    dx : ndarray of shape (m, n_H + 2 - 2 * padding, n_W + 2 - 2 * padding, n_C_prev)
        Gradient with respect to the input.
    """
    return convolve(dy, W[::-1, ::-1].transpose(0, 1, 3, 2), None, 2 - padding)


def weight_gradient(x: Array, dy: Array, padding: int) -> Array:
    """
    Compute dW[r,q,k,c] = sum_ihw x[i, h+r, w+q, k] dy[i,h,w,c].

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images, float32.
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    padding : int
        Zeros on each side.

    Returns
    -------
    dW : ndarray of shape (3, 3, n_C_prev, n_C)
        Gradient with respect to the weights.
    """
    (n_C_prev, n_C) = x.shape[3], dy.shape[3]
    tiles = Tiles(x, padding)
    total = np.zeros((SIDE * SIDE, n_C_prev, n_C), x.dtype)
    for block in tiles.blocks():
        gradients = (OF_OUTPUT.T @ tiles.take(dy, block)).reshape(SIDE * SIDE, -1, n_C)
        total += tiles.transformed(block).transpose(0, 2, 1) @ gradients
    return (OF_WEIGHTS.T @ total.reshape(SIDE * SIDE, -1)).reshape(3, 3, n_C_prev, n_C)


Block = tuple[slice, slice]  # of images, and of rows of tiles


class Tiles:
    """
    The overlapping tiles of a batch, of SIDE x SIDE inputs for N x N outputs each.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    padding : int
        Zeros on each side. More are added at the bottom and on the right to fill the last tiles.

    Attributes
    ----------
    shape : tuple of int
        (m, n_H, n_W) of the output.
    """

    def __init__(self, x: Array, padding: int) -> None:
        (m, n_H_prev, n_W_prev, n_C_prev) = x.shape
        (n_H, n_W) = n_H_prev + 2 * padding - 2, n_W_prev + 2 * padding - 2
        self.shape = (m, n_H, n_W)
        self.rows, self.columns = -(-n_H // N), -(-n_W // N)
        padded = np.zeros((m, self.rows * N + 2, self.columns * N + 2, n_C_prev), x.dtype)
        padded[:, padding : padding + n_H_prev, padding : padding + n_W_prev] = x
        (image, row, column, channel) = padded.strides
        self.view = np.lib.stride_tricks.as_strided(
            padded,
            (SIDE, SIDE, m, self.rows, self.columns, n_C_prev),
            (row, column, image, N * row, N * column, channel),
            writeable=False,
        )

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of whole images, or of rows of tiles of one image, of about TILES tiles."""
        rows = min(self.rows, max(1, TILES // self.columns))
        step = max(1, TILES // (self.rows * self.columns))
        for i in range(0, self.shape[0], step):
            for h in range(0, self.rows, rows):
                yield slice(i, i + step), slice(h, min(h + rows, self.rows))

    def transformed(self, block: Block) -> Array:
        """Return the transformed inputs of a block, (SIDE * SIDE, tiles, n_C_prev)."""
        tiles = self.view[:, :, *block].reshape(SIDE * SIDE, -1)
        return (OF_INPUT @ tiles).reshape(SIDE * SIDE, -1, self.view.shape[5])

    def put(self, outputs: Array, y: Array, block: Block) -> None:
        """Write the outputs of a block, (N * N, tiles * n_C), to their places in y."""
        target, outputs = self._of_block(y, block), outputs.reshape(N, N, *self._size(block), -1)
        placed = outputs.transpose(2, 3, 0, 4, 1, 5)
        if target.shape[1:3] == (placed.shape[1] * N, placed.shape[3] * N):
            target.reshape(placed.shape)[...] = placed
        else:  # the last tiles reach over the edge
            (m, rows, _, columns, _, n_C) = placed.shape
            whole = placed.reshape(m, rows * N, columns * N, n_C)
            target[...] = whole[:, : target.shape[1], : target.shape[2]]

    def take(self, dy: Array, block: Block) -> Array:
        """Return the values of dy for the outputs of a block, (N * N, tiles * n_C)."""
        source, (m, rows, columns) = self._of_block(dy, block), self._size(block)
        if source.shape[1:3] != (rows * N, columns * N):
            whole = np.zeros((m, rows * N, columns * N, dy.shape[3]), dy.dtype)
            whole[:, : source.shape[1], : source.shape[2]] = source
            source = whole
        tiles = source.reshape(m, rows, N, columns, N, -1).transpose(2, 4, 0, 1, 3, 5)
        return tiles.reshape(N * N, -1)

    def _size(self, block: Block) -> tuple[int, int, int]:
        """Return the number of images, rows and columns of tiles in a block."""
        return self.view[0, 0, *block].shape[:3]

    def _of_block(self, y: Array, block: Block) -> Array:
        """Return the view of an output that belongs to a block."""
        (images, rows) = block
        return y[images, rows.start * N : rows.stop * N]
