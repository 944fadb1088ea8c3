"""Figures of the lesson "1x1 convolution"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from convnet.network import Network
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.digit_page import Digit
from lesson_tools.figures import FigureOutput, present
from lesson_tools.one_by_one_convolution.window_scan import find_digits, heat_map

__all__ = ["page_read", "poster", "shuffled", "two_layers", "unit"]


def _draw_heat(ax: Axes, scores: Array, title: str, size: Sequence[int]) -> AxesImage:
    """Draw a heat map: each value is at the middle of its window, on the page's scale."""
    right, bottom = 4.5 + 2 * scores.shape[1], 4.5 + 2 * scores.shape[0]
    heat = heat_map(scores)
    shown = ax.imshow(heat, cmap="Blues", vmin=0, vmax=1, extent=(4.5, right, bottom, 4.5))
    peaks = find_digits(scores)
    for h, w, digit in peaks:
        ax.text(
            2 * w + 9,
            2 * h + 6,
            str(digit),
            color="tab:red",
            ha="left",
            va="center",
            fontsize=12,
            weight="bold",
        )
    ax.set(title=title, xticks=[], yticks=[])
    ax.set(xlim=(-0.5, size[1] - 0.5), ylim=(size[0] - 0.5, -0.5))
    return shown


def page_read(page: Array, scores: Array) -> FigureOutput:
    """Show a page, and the network's probability of a digit with the predicted classes."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.5), layout="constrained")
    draw_image(axes[0], page[..., 0], "the page, 64 x 96 pixels", (0, 1), scale=False)
    axes[0].add_patch(plt.Rectangle((-0.5, -0.5), 12, 12, fill=False, ec="tab:orange", lw=2))
    bar = _draw_heat(axes[1], scores, "probability of a digit", page.shape)
    fig.colorbar(bar, ax=axes, shrink=0.7)
    return present(
        fig,
        f"Left, a black page with {len(find_digits(scores))} handwritten digits at irregular "
        "distances. An orange frame in its upper left corner shows the size of a training image, a "
        "little larger than a digit. Right, a map that is white where the network sees no digit, "
        "with one small blue spot for each digit. The predicted class is printed beside each spot.",
        "The orange frame is all that the network saw of an image in training. Check a few of the "
        "red numbers.",
    )


def shuffled(panels: Mapping[str, Array]) -> FigureOutput:
    """Show a photograph and its shuffled pixels, and the outputs of convolutions for both."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 3.9), layout="constrained")
    limits = ((0, 1), (0, 1), (0, 1), (0, 1), (-2, 2), (-2, 2))
    for ax, (title, values), limit in zip(axes.T.flat, panels.items(), limits, strict=True):
        draw_image(ax, values, title, limit, scale=False)
        ax.title.set_fontsize(10)
    return present(
        fig,
        "Six images. Left, a photograph of a tower between trees, and colored noise: its pixels in "
        "a random order. Middle, the photograph in grayscale, and the grayscale photograph again, "
        "computed from the shuffled pixels. Right, the vertical edges that a Sobel kernel finds in "
        "the photograph, and what it gives for the shuffled one: noise.",
        "Compare the two images in the middle, and then the two on the right.",
    )


def two_layers() -> FigureOutput:
    """Show a dense layer from 6 to 3, and a 1x1 convolution from 6 channels to 3."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3), width_ratios=[2, 3], layout="constrained")
    inputs, outputs = [(0, 5 - k) for k in range(6)], [(2, 4 - 1.5 * k) for k in range(3)]
    for x in inputs:
        for y in outputs:
            axes[0].plot(*zip(x, y, strict=True), color="0.6", linewidth=1)
    for nodes, face in ((inputs, "white"), (outputs, "lightblue")):
        axes[0].scatter(*zip(*nodes, strict=True), s=180, c=face, edgecolors="black", zorder=2)
    axes[0].set_title("dense layer, 6 to 3", fontsize=11)
    for left, count, face in ((0.0, 6, "white"), (6.6, 3, "lightblue")):
        for k in range(count):  # the last channel is in front
            back = 0.3 * (count - 1 - k)
            box = plt.Rectangle(
                (left + back, back), 3, 2.4, facecolor="white", edgecolor="black", zorder=k
            )
            axes[1].add_patch(box)
            lines = {"color": "0.8", "linewidth": 0.8, "zorder": k}
            axes[1].vlines(left + back + 0.6 * np.arange(1, 5), back, back + 2.4, **lines)
            axes[1].hlines(back + 0.6 * np.arange(1, 4), left + back, left + back + 3, **lines)
        corner = (left + 1.2, 0.6)
        frame = plt.Rectangle(corner, 0.6, 0.6, fc=face, ec="tab:orange", lw=2, zorder=count)
        axes[1].add_patch(frame)
    axes[1].annotate("", (6.5, 1.6), (4.8, 1.6), arrowprops={"arrowstyle": "->", "lw": 2})
    axes[1].set_title("1x1 convolution, 6 channels to 3", fontsize=11)
    axes[1].set(xlim=(-0.2, 10.6), ylim=(-0.4, 4.4), aspect="equal")
    for ax in axes:
        ax.axis("off")
    return present(
        fig,
        "On the left six circles, each joined by a line to each of three circles. On the right a "
        "stack of six channels of 4 by 5 pixels with one pixel outlined, an arrow, and a stack of "
        "three channels of the same size with the same pixel outlined.",
        "The six values behind the outlined pixel are the six circles on the left.",
    )


def unit(network: Network) -> FigureOutput:
    """Show the weights of one unit of the first dense layer as a column and as a filter."""
    W = network.layers[6].parameters["W"]
    strongest = int(np.abs(W).max(axis=0).argmax())
    column, kernels = W[:, strongest], W[:, strongest].reshape(4, 4, 16)
    limit = float(np.abs(W).max())
    fig = plt.figure(figsize=(7, 2.9), layout="constrained")
    (left, right), *_ = fig.subfigures(1, 2, width_ratios=[1, 4], squeeze=False)
    ax = left.subplots()
    ax.imshow(column[:, None], cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto")
    ax.set(title="256 weights", xticks=[], yticks=np.arange(0, 257, 64))
    ax.add_patch(plt.Rectangle((-0.5, -0.5), 1, 16, fill=False, lw=2.5, clip_on=False))
    for k, ax in enumerate(right.subplots(2, 8).flat):
        draw_image(ax, kernels[..., k], f"k = {k}", (-limit, limit), scale=False)
        ax.add_patch(plt.Rectangle((-0.5, -0.5), 1, 1, fill=False, lw=2.5, clip_on=False))
        ax.title.set_fontsize(9)
    right.suptitle("the same 256 weights: a filter with 16 kernels of 4 x 4", fontsize=11)
    return present(
        fig,
        "Left, the weights of one unit of the dense layer as a column of 256 colored cells. Right, "
        "the same weights as 16 kernels of 4 by 4 cells, one for each channel from 0 to 15. The "
        "first 16 cells of the column are outlined, and in each kernel the upper left cell.",
        "The outlined weights are the same on both sides.",
    )


def poster(page: Array, lines: Sequence[str], found: Sequence[Digit]) -> FigureOutput:
    """Show a page, the classes that were found with the wrong ones in red, and their windows."""
    height = min(7 * page.shape[0] / page.shape[1], 4)
    fig, axes = plt.subplots(
        *(3, 1),
        figsize=(7, 2 * height + 1.7),
        height_ratios=[height, height, 0.8],
        layout="constrained",
    )
    draw_image(axes[0], page[..., 0], "the page", (0, 1), scale=False)
    size, errors = min(14.0, 9 * 50 * 16 / page.shape[1]), []
    for h, w, digit in found:
        row, column = 2 * h + 5.5, 2 * w + 5.5
        line = lines[int(row) // 16]
        written = line[int(column) // 16 : int(column) // 16 + 1]
        style = {} if written == str(digit) else {"color": "tab:red", "weight": "bold"}
        axes[1].text(column, row, str(digit), ha="center", va="center", fontsize=size, **style)
        if style:
            errors.append((page[2 * h : 2 * h + 12, 2 * w : 2 * w + 12, 0], written, digit))
    axes[1].set(xlim=axes[0].get_xlim(), ylim=axes[0].get_ylim(), aspect="equal")
    axes[1].set(xticks=[], yticks=[], title="what the network reads (errors in red)")
    for number, (window, written, digit) in enumerate(errors[:12]):
        left = 14 * number
        axes[2].imshow(window, cmap="gray", vmin=0, vmax=1, extent=(left, left + 12, 12, 0))
        axes[2].text(
            left + 6, 15, f"{written or ' '}, not {digit}", ha="center", va="center", fontsize=9
        )
    axes[2].set(xlim=(-1, 167), ylim=(17, -1), aspect="equal")
    axes[2].set_title("windows of the first errors" if errors else "no errors")
    axes[2].axis("off")
    return present(
        fig,
        f"At the top, a black page with {len(lines)} lines of handwritten digits. In the middle, "
        f"the {len(found)} digits that the network finds, at the same positions, {len(errors)} of "
        "them in red because their class is wrong. At the bottom, the windows of the first errors, "
        "each with the class of the digit and the one that the network reads.",
        "The windows at the bottom, if there are any, are all that the network saw of its errors. "
        "Would you have read these digits correctly?",
    )
