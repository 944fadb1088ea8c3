"""Figures of `course/05_why_convolution.py`."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.why_convolution.pluses import CROSS, PLUS

__all__ = [
    "accuracies",
    "examples",
    "learned",
    "learning_curves",
    "stages",
    "weight_matrix",
]

DENSE, CONVOLUTION = "0.35", "tab:blue"


def examples(train_images: Array, test_images: Array) -> FigureOutput:
    """Show the patterns, three images with both on the left, and three with both on the right."""
    places = "pab;cde;.fg"
    fig, axes = plt.subplot_mosaic(
        places, figsize=(7, 4.3), width_ratios=[1, 3.2, 3.2], layout="constrained"
    )
    panels = [("p", "a plus", PLUS), ("c", "a cross", CROSS)]
    panels += [
        (name, "training", image)
        for name, image in zip("adf", train_images[:3, :, :, 0], strict=True)
    ]
    panels += [
        (name, "test", image) for name, image in zip("beg", test_images[:3, :, :, 0], strict=True)
    ]
    for name, title, image in panels:
        axes[name].imshow(image, cmap="gray", vmin=-0.6, vmax=1.6)
        axes[name].set(title=title, xticks=[], yticks=[])
        if name not in "pc":
            axes[name].axvline(7.5, color="tab:orange", lw=1, ls="--")
    return present(
        fig,
        "A plus and a diagonal cross of 3 by 3 pixels, and six noisy grayscale images of 8 by 16 "
        "pixels with a dashed line down their middle. The three training images have a plus and a "
        "cross in their left half, the three test images in their right half.",
        "Find the plus in each image. In training it is left of the dashed line, in the test right "
        "of it.",
    )


def accuracies(results: Mapping[str, Array]) -> FigureOutput:
    """Show the accuracies of two layers on both halves, a dot for each training run."""
    fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
    colors = (DENSE, CONVOLUTION)
    labels: list[str] = []
    for half, name in enumerate(("left", "right")):
        for layer, color in zip(results, colors, strict=True):
            values = np.asarray(results[layer])[:, half]
            ax.plot(values, np.full(len(values), len(labels)), "o", color=color, alpha=0.6)
            labels.append(f"{layer}, plus on the {name}")
    ax.set(xlim=(-0.03, 1.03), ylim=(3.5, -0.5), xlabel="fraction of pluses found")
    ax.set_yticks(range(4), labels)
    ax.grid(axis="x", alpha=0.4)
    return present(
        fig,
        "Four rows of five dots each on an axis from 0 to 1. With the plus on the left, all dots "
        "of both layers lie near 0.96. With the plus on the right, the dots of the convolution "
        "lie near 0.97, those of the dense layer at 0.",
        "Each dot is one of five training runs. On the half where they were trained, the two "
        "layers are equally good; on the other half, the dense layer finds nothing.",
    )


def learned(V: Array, kernel: Array) -> FigureOutput:
    """Show the weights of four units of the dense layer, two in each half, and the 3 x 3 kernel."""
    places = "aabb;ccdd;.ee."
    fig, axes = plt.subplot_mosaic(
        places, figsize=(7, 5.6), height_ratios=[1, 1, 1], layout="constrained"
    )
    for name, (h, w) in zip("abcd", ((2, 2), (2, 12), (5, 5), (4, 10)), strict=True):
        limit = np.abs(V[2, 2]).max()
        draw_image(axes[name], V[h, w], f"score at ({h}, {w})", (-limit, limit), scale=False)
        axes[name].add_patch(
            plt.Rectangle((w - 1.5, h - 1.5), 3, 3, fill=False, color="tab:green", lw=2)
        )
        axes[name].axvline(7.5, color="tab:orange", lw=1, ls="--")
    limit = np.abs(kernel).max()
    draw_image(axes["e"], kernel, "the kernel of the convolution", (-limit, limit), scale=False)
    return present(
        fig,
        "Four grids of 8 by 16 weights, orange for negative and purple for positive ones, and a "
        "grid of 3 by 3 weights. The weights of the scores at (2, 2) and (5, 5), in the left half, "
        "form a purple plus at that position with orange around it, on a background of faint "
        "noise. The weights of the scores at (2, 12) and (4, 10), in the right half, are faint "
        "noise there and orange in the whole left half. The kernel of the convolution is a purple "
        "plus with orange corners.",
        "Purple weights are positive, orange ones negative. Look inside the green frames: on the "
        "left, each score has its own copy of a plus; on the right, there is none.",
    )


def stages(n_H: int = 4, n_W: int = 6) -> FigureOutput:
    """Show the matrix of a linear map: any weights, shared weights, and local shared weights."""
    n = n_H * n_W
    V = np.random.default_rng(1).normal(size=(n_H, n_W, n_H, n_W))
    rows, columns = np.indices((n_H, n_W))
    down = rows.ravel() - rows.ravel()[:, None]  # y - h, for each output (row) and input (column)
    right = columns.ravel() - columns.ravel()[:, None]
    M = V.reshape(n, n)
    W = np.random.default_rng(2).normal(size=(2 * n_H - 1, 2 * n_W - 1))
    shared = W[down + n_H - 1, right + n_W - 1]
    near = (np.abs(down) <= 1) & (np.abs(right) <= 1)
    titles = [
        f"any linear map:\n{n * n} weights",
        f"shift-equivariant:\n{W.size} weights",
        "and local:\n9 weights",
    ]
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.9), layout="constrained")
    for ax, title, matrix in zip(axes, titles, (M, shared, np.where(near, shared, 0)), strict=True):
        _draw_matrix(ax, matrix, n_W)
        ax.set_title(title, fontsize=10)
    axes[0].set_ylabel("row of the output")
    return present(
        fig,
        f"Three matrices of {n} by {n} colored squares, with lines that divide them into {n_H} by "
        f"{n_H} blocks. In the first, all colors are random. In the second, each color runs along "
        "the diagonals of the blocks, and blocks on one diagonal are alike. In the third, only "
        "three neighboring diagonals are left in each block, in the blocks on the middle diagonal "
        "and beside it; everything else is white.",
        f"The matrix of a map from {n_H} x {n_W} to {n_H} x {n_W} pixels. Each row of a matrix "
        "computes one output, each column belongs to one pixel, and a block connects one row of "
        "the image with one row of the output. From left to right, colors begin to repeat along "
        "diagonals, and then most of them become 0 (white).",
    )


def weight_matrix(V: Array, title: str) -> FigureOutput:
    """Show the weights of a linear map, (n_H, n_W, n_H, n_W), as a matrix."""
    n_H, n_W = V.shape[:2]
    fig, ax = plt.subplots(figsize=(4.6, 4.8), layout="constrained")
    _draw_matrix(ax, V.reshape(n_H * n_W, n_H * n_W), n_W)
    ax.set(title=title, ylabel="row of the output")
    return present(
        fig,
        f"The weight matrix of {title}, a row for each output and a column for each pixel, "
        f"divided into {n_H} by {n_H} blocks.",
        "White is 0, purple positive, orange negative. The lines separate the rows of the images.",
    )


def _draw_matrix(ax: Axes, matrix: Array, n_W: int) -> None:
    limit = np.abs(matrix).max()
    draw_image(ax, matrix, limits=(-limit, limit), scale=False)
    edges = range(0, len(matrix), n_W)
    for edge in edges[1:]:
        ax.axhline(edge - 0.5, color="0.3", lw=0.6)
        ax.axvline(edge - 0.5, color="0.3", lw=0.6)
    middles = [edge + (n_W - 1) / 2 for edge in edges]
    rows = [str(row) for row in range(len(edges))]
    ax.set(xlabel="row of the pixel", xticks=middles, xticklabels=rows)
    ax.set(yticks=middles, yticklabels=rows)
    ax.tick_params(length=0)


def learning_curves(counts: Sequence[int], results: Mapping[str, Array]) -> FigureOutput:
    """Show the accuracy of layers against the number of training images, and of each run."""
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for name, values in results.items():
        color, marker = (DENSE, "o") if name.startswith("dense") else (CONVOLUTION, "s")
        line, face = ("--", "white") if "," in name else ("-", color)
        means = np.mean(values, axis=1)
        ax.plot(counts, means, line + marker, color=color, mfc=face, label=name, zorder=3)
        beside = np.array(counts) * (1.17 if "," in name else 0.85)
        ax.plot(beside, values, marker, color=color, mfc=face, mew=0.6, markersize=3)
    ax.set(xscale="log", ylim=(0, 1.03), xlabel="training images", ylabel="pluses found")
    ax.set_xticks(counts, [f"{count:,}" for count in counts])
    ax.grid(alpha=0.4)
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.4))
    rises = [
        f"{name}: " + ", ".join(f"{np.mean(value):.2f}" for value in values)
        for name, values in results.items()
    ]
    return present(
        fig,
        f"Fraction of pluses found against the number of training images, {counts[0]} to "
        f"{counts[-1]:,}. Means of five runs: {'; '.join(rises)}.",
        "Small markers, beside the means, are single runs. With the right assumption, ten images "
        "are enough; without it, it takes ten thousand, or a hundred and their shifted copies; "
        "with a wrong one, no number of images helps.",
    )
