"""Measured times of the steps of fast convolutions, for the lesson "Fast convolution"."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convnet.types import Array
from lesson_tools.timing import seconds

__all__ = ["Times", "step_times"]

Times = dict[str, float]  # seconds, by step


def step_times(
    n_C: int,
    matrices: tuple[Array, Array, Array],
    tiles: Callable[[Array, int], Array],
    put_together: Callable[[Array, int, int], Array],
    size: int = 56,
) -> dict[str, Times]:
    """Measure the steps of im2col and of Winograd's algorithm for a 3x3 layer, the best of 5 runs.

    Parameters
    ----------
    n_C : int
        Number of input channels, and of output channels.
    matrices : tuple of ndarray
        A, B and G.
    tiles, put_together : callable
        The lesson's functions that cut the input into tiles, and copy those of the output.
    size : int
        Height and width of the output.
    """
    (n, N), rng = matrices[0].shape, np.random.default_rng(0)
    x = rng.normal(size=(size + 2, size + 2, n_C)).astype(np.float32)
    W = rng.normal(size=(3, 3, n_C, n_C)).astype(np.float32)
    AA, BB, GG = (np.kron(matrix, matrix) for matrix in matrices)

    def patches() -> Array:
        return sliding_window_view(x, (3, 3, n_C)).reshape(-1, 9 * n_C)

    P, V, d = patches(), W.reshape(-1, n_C), tiles(x, n)
    U = (GG @ W.reshape(9, -1)).reshape(N * N, n_C, n_C)
    D = (BB @ d).reshape(N * N, -1, n_C)
    M = (D @ U).reshape(N * N, -1)
    Y = (AA @ M).reshape(n * n, -1, n_C)
    return {
        "im2col": {
            "copy": seconds(patches, 5),
            "products": seconds(lambda: P @ V, 5),
        },
        "Winograd": {
            "copy": seconds(lambda: tiles(x, n), 5)
            + seconds(lambda: np.ascontiguousarray(put_together(Y, n, size)), 5),
            "transforms": seconds(lambda: BB @ d, 5) + seconds(lambda: AA @ M, 5),
            "products": seconds(lambda: D @ U, 5),
        },
    }
