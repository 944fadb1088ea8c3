"""Figures of `course/24_transposed_convolution.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.functional import conv2d
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.sweep import axes_for_grids, draw_sweep
from lesson_tools.transposed_convolution.upsampling import transposed

__all__ = [
    "audit",
    "copies",
    "counts",
    "crops",
    "digits_and_codes",
    "first_and_last",
    "inserted_zeros",
    "learned",
    "matrices",
    "mixtures",
    "returned",
    "two_directions",
    "upsampled",
]

ORANGE, BLACK = "tab:orange", "black"


def digits_and_codes(images: Array, codes: Array, drawn: Array) -> FigureOutput:
    """Show digits, their codes of shape (2, 2, 4), and a network's drawings from the codes."""
    limit = np.abs(codes).max()
    fig, axes = plt.subplots(3, len(images), figsize=(7, 3.3), layout="constrained")
    for image, code, result, column in zip(images, codes, drawn, axes.T, strict=True):
        tiles = np.full((5, 5), np.nan)  # the four channels, with a gap between them
        for k, (row, left) in enumerate(((0, 0), (0, 3), (3, 0), (3, 3))):
            tiles[row : row + 2, left : left + 2] = code[:, :, k]
        draw_image(column[0], image[:, :, 0], "", (0, 1), scale=False)
        draw_image(column[1], tiles, "", (-limit, limit), scale=False)
        draw_image(column[2], result[:, :, 0], "", (0, 1), scale=False)
        column[1].set_frame_on(False)
    names = ("digit\n8 x 8", "code\n2 x 2 x 4", "drawn\n8 x 8")
    for ax, name in zip(axes[:, 0], names, strict=True):
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
    return present(
        fig,
        "Seven columns. At the top, a handwritten digit of 8 by 8 pixels: 0, 2, 3, 5, 6, 7 and 9. "
        "In the middle, its code: four squares of 2 by 2 values, purple and orange. At the bottom, "
        "what the network draws from the code: the same digits, a little blurred, and still easy "
        "to read.",
        "The bottom row is drawn from the middle row alone. Compare it with the top row.",
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


def two_directions(W: Array) -> FigureOutput:
    """Show a convolution and a transposed convolution with the same kernel side by side."""
    image = np.array(
        [[1, 0, 2, 1, 0], [0, 1, 1, 0, 2], [2, 1, 0, 1, 1], [1, 0, 1, 2, 0], [0, 2, 1, 0, 1]]
    )
    small = conv2d(image[None, :, :, None], W[:, :, None, None])[0, :, :, 0]
    code = np.array([[1, 0, 2], [0, 3, 1], [1, 0, 1]])
    window, cell = [(1, 2, 3, 3, ORANGE)], [(1, 2, 1, 1, ORANGE)]
    fig = plt.figure(figsize=(7, 3))
    axes = axes_for_grids(fig, [(5, 5), (3, 3), (3, 3), (5, 5)])
    panels = ((image, window), (small, cell), (code, cell), (transposed(code, W), window))
    for ax, (values, outlines) in zip(axes, panels, strict=True):
        draw_grid(ax, values, f"{len(values)} x {len(values)}", outlines)
        ax.set(xticks=[], yticks=[])
        ax.title.set_fontsize(10)
    for left, right, name in (
        (axes[0], axes[1], "convolution"),
        (axes[2], axes[3], "transposed convolution"),
    ):
        x = (left.get_position().x1 + right.get_position().x0) / 2
        fig.text(x, 0.47, "→", ha="center", va="center", fontsize=15)
        x = (left.get_position().x0 + right.get_position().x1) / 2
        fig.text(x, 0.93, name, ha="center", va="center", fontsize=12)
    return present(
        fig,
        "Two pairs of grids. Left, a convolution from 5 by 5 to 3 by 3: rows 1 to 3 and columns 2 "
        "to 4 of the input are outlined, and the one output value in row 1, column 2. Right, a "
        "transposed convolution from 3 by 3 to 5 by 5: the input value in row 1, column 2 is "
        "outlined, and rows 1 to 3 and columns 2 to 4 of the output.",
        "Left, nine pixels flow into one. Right, one flows back into the same nine.",
    )


def matrices(C: Array) -> FigureOutput:
    """Show the matrix of a convolution and its transpose, with hatched zeros."""
    fig = plt.figure(figsize=(7, 5.5))
    axes = axes_for_grids(fig, [C.shape, C.T.shape])
    draw_grid(axes[0], C, "C: from 16 pixels to 4 outputs", [(0, 0, 1, 16, ORANGE)], C == 0)
    draw_grid(axes[1], C.T, "C transposed", [(0, 0, 16, 1, ORANGE)], C.T == 0)
    return present(
        fig,
        "Two grids of numbers with hatched zeros. C has 4 rows and 16 columns. Its first row, "
        "outlined, is 1 2 1 0, 0 3 0 0, 2 0 1 0 and four zeros. The other rows hold the same "
        "weights 1, 4 and 5 columns further to the right. C transposed has 16 rows and 4 columns; "
        "its first column, outlined, is the first row of C.",
        "The outlined numbers are the same. As a row they collect, as a column they distribute.",
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


def first_and_last(full: Array) -> FigureOutput:
    """Show which rows and columns Keras and PyTorch keep of a full output of 5 x 5."""
    fig, ax = plt.subplots(figsize=(3.4, 3.7), layout="constrained")
    draw_grid(ax, full, "", [(0, 0, 4, 4, ORANGE), (1, 1, 4, 4, BLACK)])
    title = "full output, 5 x 5\nsolid: kept by Keras\ndashed: kept by PyTorch"
    ax.set_title(title, fontsize=10)
    return present(
        fig,
        "The full output of 5 by 5 cells with two outlines: a solid one around rows and columns 0 "
        "to 3, which Keras keeps, and a dashed one around rows and columns 1 to 4, which PyTorch "
        "keeps.",
        "Each library throws away one row and one column. They do not agree which.",
    )


def returned(photo: Array) -> FigureOutput:
    """Show a photograph after a convolution with stride 2 and its transpose, for two kernels."""
    average = np.full((4, 4), 1 / 16)
    edges = np.outer([1, 2, 2, 1], [-1, -1, 1, 1]) / 12
    settings: dict[str, Any] = {"stride": 2, "padding": 1}
    small, lines = (
        conv2d(photo[None, :, :, None], kernel[:, :, None, None], **settings)[0, :, :, 0]
        for kernel in (average, edges)
    )
    back, lines_back = transposed(small, average, **settings), transposed(lines, edges, **settings)
    fig, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
    bar: dict[str, Any] = {"orientation": "horizontal", "shrink": 0.8}
    for ax, values, title, limits in (
        (axes[0, 0], photo, "photograph", (0, 1)),
        (axes[0, 1], small, "averages, 80 x 80", (0, 1)),
        (axes[0, 2], back, "transposed", (0, 1)),
        (axes[1, 0], 4 * back, "transposed, times 4", (0, 1)),
        (axes[1, 1], lines, "edges, 80 x 80", (-0.4, 0.4)),
        (axes[1, 2], lines_back, "edges, transposed", (-0.15, 0.15)),
    ):
        draw_image(ax, values, title, limits, scale=False)
        fig.colorbar(ax.images[0], ax=ax, ticks=list(limits), **bar)
    return present(
        fig,
        "Six images with color bars. A photograph of a flower, its averages of half the size, and "
        "the result of the transposed convolution: the flower, blurred and much darker. Multiplied "
        "by 4, it is as bright as the photograph, but blurred. The activations of an edge kernel, "
        "and the result of the transposed convolution with this kernel: only the outlines of the "
        "flower and its petals, purple and orange.",
        "Compare the first image with the third and the fourth, and with the last.",
    )


def counts() -> FigureOutput:
    """Show how many copies each output receives, for two kernel sizes."""
    maps = [transposed(np.ones((4, 4)), np.ones((f, f)), stride=2) for f in (3, 4)]
    fig = plt.figure(figsize=(7, 4))
    axes = axes_for_grids(fig, [values.shape for values in maps])
    for ax, values, f in zip(axes, maps, (3, 4), strict=True):
        draw_grid(ax, values, f"f = {f}, s = 2", scale=(0, 5))
    return present(
        fig,
        "Two grids of counts. For f = 3 and s = 2, 9 by 9 cells: inside, rows of 1 2 1 2 alternate "
        "with rows of 2 4 2 4, like a checkerboard. For f = 4 and s = 2, 10 by 10 cells: all inner "
        "cells hold 4; in the two outermost rows and columns they hold 2, and 1 at the corners.",
        "Each number says how many copies of the kernel reach this output.",
    )


def upsampled(panels: Mapping[str, Array]) -> FigureOutput:
    """Show a piece of a photograph, upsampled in four ways."""
    fig, axes = plt.subplots(2, 2, figsize=(5.8, 6.1), layout="constrained")
    for ax, (title, values) in zip(axes.flat, panels.items(), strict=True):
        draw_image(ax, values, title, (0, 1), scale=False)
    return present(
        fig,
        "The middle of a flower, upsampled four times. With f = 3 and equal weights, a strong "
        "checkerboard of light and dark pixels covers it. With f = 4 and random weights there is a "
        "weaker pattern of the same period. With bilinear weights, and with repeated pixels and a "
        "convolution, the image is smooth.",
        "Look for a pattern that repeats every two pixels.",
    )


def learned(
    truth: Array, small: Array, drawn: Mapping[str, Array], errors: Mapping[str, float]
) -> FigureOutput:
    """Show one digit, upsampled in several ways, with the differences from the true digit."""
    fig, axes = plt.subplots(2, 1 + len(drawn), figsize=(7, 3.9), layout="constrained")
    draw_image(axes[0, 0], truth, "true digit", (0, 1), scale=False)
    draw_image(axes[1, 0], small, "4 x 4 input", (0, 1), scale=False)
    for column, (name, Z) in zip(axes.T[1:], drawn.items(), strict=True):
        draw_image(column[0], Z, name, (0, 1), scale=False)
        title = f"error {errors[name]:.4f}"
        draw_image(column[1], Z - truth, title, (-1, 1), scale=False)
    fig.colorbar(axes[1, -1].images[0], ax=axes[1, 1:], shrink=0.9, label="difference")
    return present(
        fig,
        "Above, a handwritten digit of 8 by 8 pixels, and the same digit upsampled from 4 by 4 "
        "pixels by repeating, in blocks, by bilinear interpolation, blurred, and with the learned "
        "kernel, a little clearer. Below, the 4 by 4 input and the differences from the true "
        "digit, with the mean squared error on all test images: "
        + ", ".join(f"{name} {value:.4f}" for name, value in errors.items())
        + ".",
        "The images show one digit; the errors are those of all test digits.",
    )


def audit(errors: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show the errors of several methods, a row of dots for each."""
    fig, ax = plt.subplots(figsize=(7, 0.6 + 0.36 * len(errors)), layout="constrained")
    for number, values in enumerate(errors.values()):
        ax.axhline(number, color="0.88", lw=1, zorder=0)
        ax.plot(values, np.full(len(values), number), "o", color="tab:blue", alpha=0.6, ms=6)
        ax.plot([np.mean(values)] * 2, [number - 0.3, number + 0.3], color=BLACK, lw=2)
    ax.set(yticks=range(len(errors)), yticklabels=list(errors), xlim=(0, None))
    ax.set(xlabel="mean squared error on test digits", ylim=(len(errors) - 0.4, -0.6))
    described = "; ".join(
        f"{name}: {min(values):.4f} to {max(values):.4f}" for name, values in errors.items()
    )
    return present(
        fig,
        f"A chart with a row of dots for each method, and a bar at their mean. {described}.",
        "Each dot is one run, each bar a mean. Which step down is the longest?",
    )


def mixtures(drawn: Mapping[float, Array]) -> FigureOutput:
    """Show a decoder's drawings from mixtures of two codes, by the share of the second."""
    fig, axes = plt.subplots(1, len(drawn), figsize=(7, 1.4), layout="constrained")
    for ax, (t, image) in zip(axes, drawn.items(), strict=True):
        draw_image(ax, image[:, :, 0], f"t = {t:.2f}", (0, 1), scale=False)
    return present(
        fig,
        "Seven images, drawn from the code of a 0, from that of a 5, and from five codes between "
        "them. The right stroke of the 0 fades from step to step, and the strokes of the 5 appear.",
        "Is there a digit in the middle that nobody wrote?",
    )
