"""Draw one step of a cross-correlation as a figure; a sequence of steps makes an animation."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from convnet.plots import draw_grid

__all__ = ["axes_for_grids", "draw_sweep"]


def draw_sweep(
    figure: Figure,
    X: ArrayLike,
    W: ArrayLike,
    position: int,
    stride: int = 1,
    pad: int = 0,
) -> tuple[int, int]:
    """Draw one step of a cross-correlation: the padded input, the kernel, and the output so far.

    The window of this step is outlined. Rows are swept from the top, left to right.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty figure.
    X : ndarray of shape (n_H, n_W)
        Image.
    W : ndarray of shape (f_H, f_W)
        Kernel.
    position : int
        Index of the window's position, from 0.
    stride, pad : int
        Step between two positions, zeros on each side.

    Returns
    -------
    h, w : int
        Position in the output.

    Raises
    ------
    ValueError
        If there is no such position.
    """
    X, W = np.pad(np.asarray(X, dtype=float), pad), np.asarray(W, dtype=float)
    n_H, n_W = ((n - f) // stride + 1 for n, f in zip(X.shape, W.shape, strict=True))
    if not 0 <= position < n_H * n_W:
        raise ValueError(f"position is {position}, expected 0 to {n_H * n_W - 1}")
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape)[::stride, ::stride]
    Z = np.sum(windows * W, axis=(2, 3))
    h, w = divmod(position, n_W)
    scale = Z.min(), Z.max()  # the same for all steps
    Z[h, w + 1 :], Z[h + 1 :] = np.nan, np.nan
    padding = np.ones(X.shape, dtype=bool)
    padding[pad : X.shape[0] - pad, pad : X.shape[1] - pad] = False
    axes = axes_for_grids(figure, [X.shape, W.shape, Z.shape])
    window = (h * stride, w * stride, *W.shape, "tab:orange")
    draw_grid(axes[0], X, "input" if not pad else "padded input", [window], padding)
    draw_grid(axes[1], W, "kernel")
    draw_grid(axes[2], Z, "output", [(h, w, 1, 1, "tab:orange")], scale=scale)
    return h, w


def axes_for_grids(figure: Figure, shapes: Sequence[tuple[int, ...]]) -> list[Axes]:
    """Add axes side by side for grids that `draw_grid` draws, all with cells of one size.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty figure.
    shapes : sequence of (n_H, n_W)
        Shapes of the grids.

    Returns
    -------
    axes : list of matplotlib.axes.Axes
        Axes, one for each grid.
    """
    width, height = figure.get_size_inches()
    columns = sum(shape[1] + 1 for shape in shapes)  # one between two grids
    cell = min(width / columns, height / (max(shape[0] for shape in shapes) + 2))
    left, axes = (width / cell - columns) / 2 + 0.5, []
    for rows, n in shapes:
        bottom = (height / cell - rows) / 2
        # draw_grid leaves a tenth of a cell on each side, for the outlines.
        place = cell * np.array([left - 0.1, bottom - 0.1, n + 0.2, rows + 0.2])
        axes.append(figure.add_axes(place / [width, height, width, height]))
        left += n + 1
    return axes
