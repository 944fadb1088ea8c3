"""Padding: the reader changes its mode and amount, and sees the border of the output."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from convnet.functional import conv2d
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.cross_correlation import BLUR, SOBEL_X
from lesson_tools.explorables.page import encoded, explorable
from lesson_tools.figures import FigureOutput

KERNELS = {"blur": BLUR, "Sobel x": SOBEL_X}
LARGEST = 64  # pixels; on a larger image, a frame of one pixel would hardly be seen


def explore_padding(image: ArrayLike) -> FigureOutput:
    """Show an image with padding, and the output of a 3x3 kernel at the border.

    The reader changes the amount of padding and its mode, one of five modes of `np.pad`, and
    chooses a blur or Sobel x.

    Parameters
    ----------
    image : ndarray of shape (n_H, n_W)
        Image of 3 to 64 rows and columns, such as a small part of a photograph.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ValueError
        If the array is not a grayscale image of this size.
    """
    X = np.asarray(image, dtype=float)
    if X.ndim != 2 or not 3 <= min(X.shape) <= max(X.shape) <= LARGEST:
        raise ValueError(
            f"expected a grayscale image of 3 to {LARGEST} rows and columns, got {X.shape}; "
            "take a part of a larger image, such as image[:40, :60]"
        )
    text = (
        f"An image of {X.shape[0]} by {X.shape[1]} pixels with one row or column of zeros on each "
        "side, and the output of two kernels for it, blur and Sobel x. A dashed frame in the "
        "outputs encloses the values that do not depend on the zeros."
    )
    return explorable(
        "padding",
        _draw_padding(X),
        text,
        image=encoded(X),
        kernels=[{"name": name, "weights": W.ravel().tolist()} for name, W in KERNELS.items()],
    )


def _draw_padding(X: Array) -> Figure:
    n_H, n_W = X.shape
    limits = (0, X.max()) if X.min() >= 0 else None
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.7), layout="constrained")
    draw_image(axes[0], np.pad(X, 1), "padded with zeros", limits, scale=False)
    for ax, (name, W) in zip(axes[1:], KERNELS.items(), strict=True):
        Z = conv2d(X[None, :, :, None], W[:, :, None, None], padding=1)[0, :, :, 0]
        draw_image(ax, Z, name, limits if name == "blur" else None, scale=False)
    for ax, rows, columns in ((axes[0], n_H, n_W), *((ax, n_H - 2, n_W - 2) for ax in axes[1:])):
        frame = plt.Rectangle((0.5, 0.5), columns, rows, fill=False, color="tab:orange", lw=2)
        frame.set_linestyle("--")
        ax.add_patch(frame)
    return fig
