"""Figures of the lesson "After 2020"."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from convnet.functional import softmax
from convnet.types import Array
from lesson_tools.blocks import BLUE, GREEN, ORANGE, draw_block
from lesson_tools.figures import FigureOutput, present

__all__ = ["EDITS", "bias", "blocks", "edits", "heads", "looks", "opening", "sign", "your_photo"]

EDITS = (  # Liu et al. (2022), table 10: mean top-1 accuracy; billion MACs, counted
    ("ResNet-50, as in 2015", 76.13, 4.09),
    ("trained as in 2021", 78.82, 4.09),
    ("blocks: 3, 3, 9, 3", 79.36, 4.53),
    ("stem: patches of 4x4", 79.51, 4.42),
    ("depthwise 3x3", 78.28, 2.35),
    ("width 64 to 96", 80.50, 5.27),
    ("inverted bottleneck", 80.64, 4.64),
    ("depthwise first", 79.92, 4.07),
    ("kernel 7x7", 80.57, 4.15),
    ("ReLU to GELU", 80.62, 4.15),
    ("one activation per block", 81.27, 4.15),
    ("one norm per block", 81.41, 4.15),
    ("batch to layer norm", 81.47, 4.15),
    ("separate downsampling", 81.97, 4.46),
)
SWIN_T = 81.3


def sign(text: str) -> Array:
    """Draw a word, black on white: an array (40, 80) of values from 0 to 1."""
    figure = Figure(figsize=(0.8, 0.4), dpi=100)
    canvas = FigureCanvasAgg(figure)
    figure.text(0.5, 0.47, text, ha="center", va="center", fontsize=20, weight="bold")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., 0] / 255


def opening(noisy: Array, by_kernel: Array) -> FigureOutput:
    """Show a noisy sign, cleaned by a convolution and by attention, which the lesson derives."""
    padded = np.pad(noisy, 1, mode="edge")
    X = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).reshape(-1, 9)
    attended = softmax(4 * X @ X.T - 2 * np.sum(X**2, axis=1)) @ noisy.ravel()
    fig, axes = plt.subplots(1, 3, figsize=(7, 1.5), layout="constrained")
    images = (noisy, by_kernel, attended.reshape(noisy.shape))
    titles = ("noisy", "the best 7 x 7 kernel", "?")
    for ax, image, title in zip(axes, images, titles, strict=True):
        ax.imshow(image, cmap="gray", vmin=0, vmax=1)
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    return present(
        fig,
        "Three times the number 2020 in black on white. Left with strong noise, in the middle "
        "blurred with a spotted background, right with sharp digits on a nearly even background.",
        "Which of the two layers has kept the edges of the digits?",
    )


def looks(noisy: Array, weights: Array, pixels: Sequence[tuple[int, int]]) -> FigureOutput:
    """Show the weights with which a few pixels look at all others."""
    fig, axes = plt.subplots(1, len(pixels), figsize=(7, 1.6), layout="constrained")
    for ax, (h, w) in zip(axes, pixels, strict=True):
        _spot(ax, noisy, weights[h * noisy.shape[1] + w], (h, w))
    return present(
        fig,
        "Three times the noisy sign. A cross marks a pixel, and red dots mark the pixels that it "
        "averages. For a pixel on an edge of the first 2, they lie on edges of the same direction "
        "in all four digits. For one inside the first 0 and one below the digits, they are spread "
        "over the white background.",
        "A cross marks a pixel, and the red dots are the pixels that it averages: the darker, the "
        "larger the weight. Which pixels hardly look at each other?",
    )


def _spot(ax: plt.Axes, image: Array, row: Array, pixel: tuple[int, int]) -> None:
    """Draw an image pale, the weights of one pixel in red, and a cross at the pixel."""
    ax.imshow(0.6 + 0.4 * np.clip(image, 0, 1), cmap="gray", vmin=0, vmax=1)
    n_W = image.shape[1]
    rest = np.delete(row.ravel(), pixel[0] * n_W + pixel[1])
    strength = np.clip(row.reshape(-1, n_W) / np.quantile(rest, 0.995), 0, 1)
    ax.imshow(np.ones_like(strength), cmap="autumn_r", vmin=0, vmax=1, alpha=strength)
    ax.plot(*pixel[::-1], "x", color="tab:blue", ms=8, mew=2)
    ax.axis("off")


def heads(photo: Array, head: Callable[..., Array], by_heads: Array) -> FigureOutput:
    """Show where each of nine heads looks for one pixel, and the edges that they find together."""
    shape, middle = photo.shape[:2], (photo.shape[0] // 2, photo.shape[1] // 2)
    fig = plt.figure(figsize=(7, 2.3), layout="constrained")
    left, right = fig.subfigures(1, 2, width_ratios=[1, 1.15])  # type: ignore[misc]
    axes = left.subplots(3, 3)
    left.suptitle("nine heads, one pixel", fontsize=10)
    part = tuple(slice(center - 3, center + 4) for center in middle)
    for number, ax in enumerate(axes.flat):
        r, q = number // 3 - 1, number % 3 - 1
        row = head(r, q, pixels=slice(middle[0] * shape[1] + middle[1], None))[0].reshape(shape)
        ax.imshow(row[part], cmap="Blues", vmin=0, vmax=1)
        ax.plot(3, 3, "x", color="tab:orange", ms=6)
        ax.set(xticks=[], yticks=[])
    ax = right.subplots()
    ax.imshow(abs(by_heads[..., 0]), cmap="gray_r")
    ax.axis("off")
    right.suptitle("edges found by attention", fontsize=10)
    return present(
        fig,
        "Left, nine small maps of 7 by 7 pixels with a cross in the middle. In each, one pixel is "
        "dark blue: the neighbor of the cross in the direction of the head, such as up left in "
        "the first map. Right, the vertical edges of a photograph of a Chinese tower.",
        "Each head looks at one neighbor of the pixel with the cross. Together they apply a Sobel "
        "kernel.",
    )


def edits() -> FigureOutput:
    """Show the published accuracy after each edit, and the MACs."""
    names, accuracies, macs = zip(*EDITS, strict=True)
    rows = np.arange(len(EDITS))
    fig, ax = plt.subplots(figsize=(7, 4.6), layout="constrained")
    ax.plot(accuracies, rows, color="0.8", lw=1, zorder=1)
    ax.scatter(accuracies, rows, c=["0.5", "tab:orange", *["tab:blue"] * len(rows[2:])], zorder=2)
    for row, accuracy, n_macs in zip(rows, accuracies, macs, strict=True):
        ax.annotate(
            f"{accuracy:.1f}",
            (accuracy, row),
            (7, 0),
            textcoords="offset points",
            va="center",
            size=9,
        )
        ax.text(84.1, float(row), f"{n_macs:.1f}", ha="right", va="center")
    ax.text(84.1, -1, "billion MACs", ha="right", va="center", fontsize=9)
    ax.axvline(SWIN_T, color="0.3", ls="--", lw=1)
    ax.text(SWIN_T - 0.08, 0, "Swin-T, 81.3", ha="right", va="center", fontsize=9)
    ax.set_yticks(rows, names)
    ax.set(xlim=(75.7, 84.2), ylim=(len(rows) - 0.4, -1.5), xticks=range(76, 83, 2))
    ax.set_xlabel("top-1 accuracy on ImageNet, in %")
    listed = ", ".join(f"{name}: {accuracy:.1f}" for name, accuracy, _ in EDITS)
    return present(
        fig,
        f"Dots of top-1 accuracy in percent, one for each edit. {listed}. A dashed line at 81.3 "
        "for Swin-T.",
        "Each dot contains all edits above it. Which step is the largest? (Accuracies by Liu et "
        "al., 2022.)",
    )


def blocks() -> FigureOutput:
    """Show the blocks of ResNet-50, ConvNeXt and a transformer."""
    fig, axes = plt.subplots(1, 4, figsize=(7, 3.7), layout="constrained")
    boxes = [("1x1, BN, ReLU", BLUE, 1.65), ("3x3, BN, ReLU", ORANGE, 1.65), ("1x1, BN", BLUE, 2.3)]
    draw_block(axes[0], "ResNet-50", boxes, True, "ReLU")
    boxes = [("depthwise 7x7", GREEN, 1.65), ("layer norm", "w", 1.65)]
    boxes += [("1x1, GELU", BLUE, 2.3), ("1x1", BLUE, 1.65)]
    draw_block(axes[1], "ConvNeXt", boxes, True)
    boxes = [("layer norm", "w", 1.65), ("attention", GREEN, 1.65)]
    draw_block(axes[2], "transformer,\nfirst half", boxes, True)
    boxes = [("layer norm", "w", 1.65), ("dense, GELU", BLUE, 2.3), ("dense", BLUE, 1.65)]
    draw_block(axes[3], "second half", boxes, True)
    for ax in axes:
        ax.set(xlim=(-1.25, 1.4), ylim=(-4.95, 0.95))
    return present(
        fig,
        "Four columns of boxes with red shortcuts. ResNet-50: 1x1, 3x3 and 1x1, each with batch "
        "normalization, a ReLU after the addition. ConvNeXt: depthwise 7x7, layer normalization, "
        "1x1 with GELU, 1x1. Transformer, first half: layer normalization, attention. Second half: "
        "layer normalization, dense with GELU, dense.",
        "Green boxes mix positions, blue ones mix channels, and the orange one does both. A wide "
        "box has four times as many channels.",
    )


def bias(study: Mapping[str, Array]) -> FigureOutput:
    """Show the test accuracies of five runs for each network and number of training images."""
    marks = {"convolution": ("tab:blue", "o"), "attention": ("tab:orange", "^")}
    sizes = sorted({int(name.rpartition(", ")[2]) for name in study})
    arms = ["convolution", "attention", "convolution, shuffled", "attention, shuffled"]
    fig, axes = plt.subplots(
        1,
        len(sizes),
        figsize=(7, 0.9 + 0.42 * len(arms)),
        sharex=True,
        sharey=True,
        layout="constrained",
    )
    text = []
    for ax, size in zip(np.atleast_1d(axes), sizes, strict=True):
        for row, arm in enumerate(arms):
            values, (color, mark) = study[f"{arm}, {size}"], marks[arm.partition(",")[0]]
            ax.axhline(row, color="0.9", lw=1, zorder=0)
            ax.plot(values, np.full(len(values), row), mark, color=color, ms=8, alpha=0.6)
            ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color="0.2", lw=2)
            text.append(f"{arm}, {size}: {values.min():.2f} to {values.max():.2f}")
        ax.set(ylim=(len(arms) - 0.5, -0.5), xlabel="test accuracy")
        ax.set_title(f"{size:,} training images", fontsize=10)
        ax.set_yticks(range(len(arms)), arms)
    return present(
        fig,
        f"The test accuracies of five runs for each network. {'; '.join(text)}.",
        "Each mark is one run; the bars are means. Which lead is left if the pixels are shuffled?",
    )


def your_photo(
    grainy: Array, cleaned: Array, weights: Array, pixel: tuple[int, int]
) -> FigureOutput:
    """Show a noisy photograph, what attention makes of it, and where one pixel looks."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2), layout="constrained")
    for ax, image, title in zip(
        axes, (grainy, cleaned), ("noisy", "after attention"), strict=False
    ):
        ax.imshow(np.clip(image, 0, 1))
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    row = weights[pixel[0] * grainy.shape[1] + pixel[1]]
    _spot(axes[2], cleaned, row, pixel)
    axes[2].set_title("where one pixel looks", fontsize=10)
    return present(
        fig,
        "Left, a noisy photograph. In the middle, the same photograph with less noise. Right, the "
        "photograph in pale colors, with a cross at one pixel and red dots on the pixels that it "
        "averages.",
        "The red dots are the pixels that the one with the cross averages. Try a few other pixels, "
        "such as one of the background.",
    )
