"""Figures of `course/24_transposed_convolution.py`."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.functional import conv_transpose2d
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.sweep import axes_for_grids, draw_sweep

__all__ = [
    "copies",
    "crops",
    "doubled",
    "enlarged",
    "inserted_zeros",
    "row_sums",
    "transposed",
    "upsampled",
]

ORANGE = "tab:orange"


def transposed(A: Array, W: Array, **settings: Any) -> Array:
    """Return the transposed convolution of one channel with one kernel, by the course's library."""
    return conv_transpose2d(A[None, :, :, None], W[:, :, None, None], **settings)[0, :, :, 0]


def doubled(image: Array, result: Array) -> FigureOutput:
    """Show an image, and the output of a transposed convolution with stride 2, at one scale."""
    fig, axes = plt.subplots(
        1, 2, figsize=(7, 4.9), layout="constrained", width_ratios=(len(image), len(result))
    )
    for ax, values, name in zip(axes, (image, result), ("input", "output"), strict=True):
        draw_image(ax, values, f"{name}, {len(values)} x {len(values)}", (0, 1), scale=False)
    return present(
        fig,
        "Left, a photograph: the face of an astronaut. Right, the output of the layer, about twice "
        "as high and wide. With f = 3, a grid of light and dark pixels covers face and background.",
        "Look for a pattern that repeats every two pixels.",
    )


def copies(A: Array, W: Array, stride: int) -> FigureOutput:
    """Animate a transposed convolution: each step adds the copy of one value of A."""

    def draw(step: int) -> Figure:
        used = np.arange(A.size).reshape(A.shape) <= step
        Z = transposed(A * used, W, stride=stride).astype(float)
        Z[transposed(used.astype(float), np.ones(W.shape), stride=stride) == 0] = np.nan
        h, w = divmod(step, A.shape[1])
        fig = plt.figure(figsize=(7, 3.4 if stride == 1 else 3.7))
        axes = axes_for_grids(fig, [A.shape, W.shape, Z.shape])
        window = (stride * h, stride * w, *W.shape, ORANGE)
        draw_grid(axes[0], A, "input A", [(h, w, 1, 1, ORANGE)])
        draw_grid(axes[1], A[h, w] * W, f"{A[h, w]} times W", scale=(0, 12))
        draw_grid(axes[2], Z, "output so far", [window], scale=(0, 17))
        return fig

    full = transposed(A, W, stride=stride)
    rows = ", ".join(" ".join(f"{value:g}" for value in row) for row in full)
    return animate(
        draw,
        range(A.size),
        f"Four steps with stride {stride}. In each, one value of the input is outlined, the kernel "
        "times this value is shown, and it is added to an outlined window of 3 by 3 cells of the "
        f"output. In the end, the output has the rows {rows}.",
        seconds=2,
        caption="Watch the cells where two windows overlap: nothing is replaced, values add up.",
    )


def inserted_zeros(A: Array, W: Array) -> FigureOutput:
    """Animate the convolution that gives the output of a transposed one with stride 2."""
    apart = np.zeros((2 * A.shape[0] - 1, 2 * A.shape[1] - 1))
    apart[::2, ::2] = A

    def draw(position: int) -> Figure:
        fig = plt.figure(figsize=(7, 3.7))
        draw_sweep(fig, apart, W[::-1, ::-1], position, pad=2)
        fig.axes[1].title.set_text("flipped kernel")
        return fig

    return animate(
        draw,
        [*range(5, 15), 24],
        "Eleven steps of a convolution. The padded input has 7 by 7 cells with the values 1, 2, 3 "
        "and 4 in rows 2 and 4 and columns 2 and 4, and zeros elsewhere. The flipped kernel has "
        "the rows 1 0 2, 0 3 0 and 1 2 1. The window covers one, two or all four of the values. "
        "The output of 5 by 5 cells fills row by row: 1 2 3 4 2, 0 3 0 6 0, 5 6 12 8 6, 0 9 0 12 0 "
        "and 6 0 11 0 4.",
        seconds=0.5,
        caption="Rows 1 and 2 of the output, and the last position. The padding is hatched.",
    )


def crops(full: Array) -> FigureOutput:
    """Show which part of the full output is kept, for three settings of p and a."""
    fig = plt.figure(figsize=(7, 3.2))
    titles = ("p = 0, a = 0", "p = 1, a = 0", "p = 1, a = 1")
    for ax, size, title in zip(
        axes_for_grids(fig, 3 * [full.shape]), (5, 3, 4), titles, strict=True
    ):
        start = 0 if size == 5 else 1
        cropped = np.ones(full.shape, bool)
        cropped[start : start + size, start : start + size] = False
        outline = [(start, start, size, size, ORANGE)]
        draw_grid(ax, full, f"{title}\n{size} x {size}", outline, cropped)
    return present(
        fig,
        "The full output of 5 by 5 cells three times, with an outline around what is kept and the "
        "rest hatched. Without padding all of it is kept, with p = 1 the inner 3 by 3 cells, and "
        "with p = 1 and a = 1 rows 1 to 4 and columns 1 to 4.",
        "Outlined is what the layer returns, hatched what it throws away.",
    )


def row_sums() -> FigureOutput:
    """Show the transposed matrices of a kernel of three and of four ones, and their row sums."""
    matrices = []
    for f in (3, 4):
        C_T = np.zeros((6 + f, 4))
        for i in range(4):
            C_T[2 * i : 2 * i + f, i] = 1
        matrices.append(C_T)
    fig = plt.figure(figsize=(7, 4.4))
    shapes = [(len(C_T), columns) for C_T in matrices for columns in (4, 1)]
    axes = axes_for_grids(fig, shapes)
    for k, (C_T, f) in enumerate(zip(matrices, (3, 4), strict=True)):
        columns = [(2 * i, i, f, 1, ORANGE) for i in range(4)]
        draw_grid(axes[2 * k], C_T, f"f = {f}, s = 2", columns, C_T == 0, scale=(0, 3))
        sums = C_T.sum(axis=1, keepdims=True)
        draw_grid(axes[2 * k + 1], sums, "sum", scale=(0, 3))
        axes[2 * k + 1].set(xticks=[], yticks=[])
    return present(
        fig,
        "Two matrices with four columns. Each column has a copy of the kernel, outlined, two rows "
        "below the one to its left; the zeros are hatched. With three ones, the rows add up to 1, "
        "1, 2, 1, 2, 1, 2, 1, 1. With four ones, they add up to 1, 1, 2, 2, 2, 2, 2, 2, 1, 1.",
        "The orange copies are two rows apart. Follow the sums down: on the left they alternate.",
    )


def upsampled(panels: Mapping[str, Array]) -> FigureOutput:
    """Show a piece of a photograph, upsampled in three ways."""
    fig, axes = plt.subplots(1, len(panels), figsize=(7, 2.8), layout="constrained")
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        draw_image(ax, values, title, (0, 1), scale=False)
    return present(
        fig,
        "The face, upsampled three times. With f = 4 and random weights, a pattern of light and "
        "dark pixels covers it. With bilinear weights, and with repeated "
        "pixels and a convolution, the image is smooth.",
        "Equal counts are not enough: the pattern on the left has the same period as before.",
    )


def enlarged(image: Array, results: Mapping[str, Array]) -> FigureOutput:
    """Show an image, enlarged four times by several kernels."""
    fig, axes = plt.subplots(2, 2, figsize=(7, 7.3), layout="constrained")
    for ax, (name, values) in zip(axes.flat, results.items(), strict=True):
        draw_image(ax, values, name, (0, 1), scale=False)
    return present(
        fig,
        f"A piece of {image.shape[0]} by {image.shape[1]} pixels of a photograph, enlarged four "
        "times by four kernels. Repeated pixels give blocks, bilinear interpolation a blurred "
        "image, bicubic interpolation a sharper one, and the learned kernel the sharpest.",
        "All four images are computed from the same pixels. Compare the edges.",
    )
