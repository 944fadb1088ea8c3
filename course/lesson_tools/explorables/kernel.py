"""A kernel on an image: the reader changes the kernel and the image."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from convnet.functional import conv2d
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.explorables.page import encoded, explorable
from lesson_tools.figures import FigureOutput


def explore_kernel(image: ArrayLike, kernels: Mapping[str, ArrayLike]) -> FigureOutput:
    """Show the output of a 3x3 kernel for an image; the reader changes the kernel and the image.

    At each position of the kernel, its window, the products and their sum are shown.

    Parameters
    ----------
    image : ndarray of shape (n_H, n_W)
        Image, which readers can replace with their own picture.
    kernels : dict of ndarrays of shape (3, 3)
        Kernels to choose from, by name. The first one is shown at the start.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ValueError
        If the image is smaller than a kernel, there is no kernel, or a kernel is not 3x3.
    """
    X = np.asarray(image, dtype=float)
    weights = {name: np.asarray(W, dtype=float) for name, W in kernels.items()}
    if X.ndim != 2 or min(X.shape) < 3:
        raise ValueError(f"expected an image of at least 3 rows and 3 columns, got {X.shape}")
    if not weights:
        raise ValueError('expected at least one kernel, such as {"blur": np.ones((3, 3)) / 9}')
    for name, W in weights.items():
        if W.shape != (3, 3):
            raise ValueError(f"expected kernels of shape (3, 3), got {W.shape} for {name!r}")
    name, W = next(iter(weights.items()))
    text = (
        f"An image and its cross-correlation with the kernel {name}. Below them, the window in the "
        "middle of the image, the kernel, and their products, whose sum is the output there."
    )
    return explorable(
        "kernel",
        _draw_kernel(X, name, W),
        text,
        image=encoded(X),
        kernels=[{"name": name, "weights": W.tolist()} for name, W in weights.items()],
    )


def _draw_kernel(X: Array, name: str, W: Array) -> Figure:
    Z = conv2d(X[None, :, :, None], W[:, :, None, None])[0, :, :, 0]
    h, w = (min(n // 2, n_out - 1) for n, n_out in zip(X.shape, Z.shape, strict=True))
    patch = X[h : h + 3, w : w + 3]
    signed = abs(W.sum()) < 1e-9 or X.min() < 0
    fig, axes = plt.subplot_mosaic(
        "aaabbb;ccddee", figsize=(7, 4.6), height_ratios=[3, 2], layout="constrained"
    )
    draw_image(axes["a"], X, "input", scale=False)
    draw_image(axes["b"], Z, name, None if signed else (0, X.max()), scale=False)
    draw_grid(axes["c"], patch, "window")
    draw_grid(axes["d"], W.round(3), "kernel")
    draw_grid(axes["e"], patch * W, f"products, sum {Z[h, w] + 0:.4g}")
    for ax in axes.values():
        ax.set(xticks=[], yticks=[])
    return fig
