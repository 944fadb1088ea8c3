"""Pooling and shifts: the reader moves an image, and sees what changes before and after pooling."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from convnet.functional import conv2d, max_pool2d, relu
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.explorables.page import encoded, explorable
from lesson_tools.figures import FigureOutput

WINDOWS = (2, 3, 4)  # sizes f
SHIFT = 4  # largest shift in pixels


def explore_pooling(image: ArrayLike, f: int = 2) -> FigureOutput:
    """Show a feature map of an image, Sobel x and ReLU, and its pooled map while the image moves.

    The reader moves the image by up to 4 pixels to the right and chooses max or average pooling and
    its window size, which is also the stride. Columns enter from the left part of the image: shown
    are all of its columns but 4. A sentence states the relative change of each map since shift 0:
    the norm of the change divided by the norm of the map minus its mean.

    Parameters
    ----------
    image : ndarray of shape (n_H, n_W)
        Image of at least 6 rows and 10 columns.
    f : int
        Window size and stride at the start: 2, 3 or 4.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ValueError
        If the array is not a grayscale image of this size, or f is not 2, 3 or 4.
    """
    X = np.asarray(image, dtype=float)
    rows, columns = WINDOWS[-1] + 2, WINDOWS[-1] + 2 + SHIFT
    if X.ndim != 2 or X.shape[0] < rows or X.shape[1] < columns:
        raise ValueError(
            f"expected a grayscale image of at least {rows} rows and {columns} columns, "
            f"got {X.shape}"
        )
    if f not in WINDOWS:
        raise ValueError(f"f is {f}, expected 2, 3 or 4")
    text = (
        "An image, its feature map after Sobel x and ReLU, and the feature map after max pooling "
        f"with windows of {f} by {f}. Below them, the three after a shift of the image by one "
        "pixel to the right."
    )
    return explorable(
        "pooling",
        _draw_pooling(X, f),
        text,
        image=encoded(X),
        kernel=SOBEL_X.ravel().tolist(),
        windows=WINDOWS,
        shifts=SHIFT,
        f=f,
    )


def _draw_pooling(X: Array, f: int) -> Figure:
    fig, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
    for shift, row in enumerate(axes):
        moved = X[:, SHIFT - shift : X.shape[1] - shift]
        A = relu(conv2d(moved[None, :, :, None], SOBEL_X[:, :, None, None]))
        shown = {"image": moved, "feature map": A[0, :, :, 0]}
        shown |= {"max pooled": max_pool2d(A, f)[0, :, :, 0]}
        for ax, (name, values) in zip(row, shown.items(), strict=True):
            draw_image(ax, values, f"{name}, shift {shift}", scale=False)
            ax.title.set_size(10)
    return fig
