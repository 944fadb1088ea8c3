"""Figures of `course/25_segmentation.py`."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from scipy.ndimage import find_objects, label

from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.segmentation.unet import BACKGROUND, segmentation_results
from lesson_tools.sweep import axes_for_grids

__all__ = [
    "architecture",
    "gain",
    "ink",
    "mean_iou",
    "own_page",
    "seconds",
    "task",
    "two_masks",
]

TAB10 = [f"C{k}" for k in range(10)]  # the default color cycle
CLASSES = ListedColormap([*TAB10, "white"])
NAMED = 8  # pixels of the smallest group of one class that gets its digit


def draw_classes(ax: Axes, classes: Array, title: str = "") -> None:
    """Draw the class of each pixel as a color, and name the larger groups of connected pixels."""
    ax.imshow(classes, cmap=CLASSES, vmin=-0.5, vmax=10.5)
    for digit, color in enumerate(TAB10):
        groups, _ = label(classes == digit)
        for number, (rows, columns) in enumerate(find_objects(groups), 1):
            if np.sum(groups == number) >= NAMED:
                place: dict[str, Any] = {"va": "center", "color": color, "weight": "bold"}
                ax.text(columns.stop, rows.start, str(digit), fontsize=8, **place)
    ax.set_title(title)
    ax.set(xticks=[], yticks=[])


def draw_page(ax: Axes, page: Array) -> None:
    """Draw a noisy page in shades of gray."""
    draw_image(ax, page[:, :, 0], "", (-0.3, 1.1), scale=False)
    ax.images[0].set_cmap("gray")


def legend(fig: Figure) -> None:
    """Add the colors of the ten digits below the axes."""
    marks = [plt.Rectangle((0, 0), 1, 1, color=color) for color in TAB10]
    fig.legend(
        marks,
        [str(k) for k in range(10)],
        loc="outside lower center",
        ncols=10,
        fontsize=9,
        handlelength=1,
        columnspacing=1,
    )


def task(pages: Array, rows: Mapping[str, Array]) -> FigureOutput:
    """Show pages and, below each, the classes of its pixels: the true ones and predicted ones."""
    fig, axes = plt.subplots(
        len(rows) + 1, len(pages), figsize=(7, 1.85 * len(rows) + 2.25), layout="constrained"
    )
    axes[0, 0].set_ylabel("page")
    for ax, page in zip(axes[0], pages, strict=True):
        draw_page(ax, page)
    for line, (name, maps) in zip(axes[1:], rows.items(), strict=True):
        line[0].set_ylabel(name)
        for ax, classes in zip(line, maps, strict=True):
            draw_classes(ax, classes)
    legend(fig)
    names = list(rows)
    scores = "".join(
        f" The row {name!r} agrees with the first row of colors on "
        f"{np.mean(rows[name] == rows[names[0]]):.0%} of the pixels."
        for name in names[1:]
    )
    return present(
        fig,
        f"{len(pages)} noisy dark pages of 32 by 32 pixels, each with up to four digits. "
        "Below each, the same page in colors: the strokes of a digit have the color of "
        f"its class, and everything else is white. The rows are: {', '.join(names)}.{scores}",
        "Each color is a class. White is the eleventh class, the background.",
    )


def ink(truth: Array, rows: Mapping[str, Array]) -> FigureOutput:
    """Show which pixels of ink are found, missed and invented, whatever the digit."""
    fig, axes = plt.subplots(
        len(rows), len(truth), figsize=(7, 1.85 * len(rows) + 0.4), layout="constrained"
    )
    names = ("ink that is found", "ink that is missed", "background called ink")
    colors = ("black", "tab:orange", "tab:cyan")
    described = []
    for line, (name, predicted) in zip(axes, rows.items(), strict=True):
        true, called = truth != BACKGROUND, predicted != BACKGROUND
        kinds = np.select([true & called, true, called], [1, 2, 3], 0)
        for ax, image in zip(line, kinds, strict=True):
            ax.imshow(image, cmap=ListedColormap(["white", *colors]), vmin=-0.5, vmax=3.5)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name)
        counts = ", ".join(f"{np.sum(kinds == k + 1)} pixels of {names[k]}" for k in range(3))
        described.append(f"{name}: {counts}")
    marks = [plt.Rectangle((0, 0), 1, 1, color=color) for color in colors]
    fig.legend(marks, names, loc="outside lower center", ncols=3, fontsize=9, handlelength=1)
    return present(
        fig,
        f"The ink of {len(truth)} pages, in a row for each network. {'; '.join(described)}.",
        "Compare the orange pixels, row by row: that is ink that the network has not found.",
    )


def own_page(page: Array, predicted: Array) -> FigureOutput:
    """Show a page and the predicted class of each of its pixels."""
    height = min(6.0, 3.5 * page.shape[0] / page.shape[1]) + 0.9
    fig, axes = plt.subplots(1, 2, figsize=(7, height), layout="constrained")
    draw_page(axes[0], page)
    axes[0].set_title("page")
    draw_classes(axes[1], predicted, "predicted classes")
    legend(fig)
    digits = ", ".join(str(k) for k in range(10) if np.sum(predicted == k) >= NAMED)
    return present(
        fig,
        f"Left, a noisy page of {page.shape[0]} by {page.shape[1]} pixels. Right, the predicted "
        f"class of each pixel as a color. Classes with at least {NAMED} pixels: {digits}.",
        "The network was trained on pages of 32 x 32 pixels, without any of these digits.",
    )


def two_masks(truth: Array, predicted: Array) -> FigureOutput:
    """Show two masks, their intersection and their union."""
    fig = plt.figure(figsize=(7, 2.2))
    panels = {
        "truth": truth,
        "prediction": predicted,
        "intersection": truth & predicted,
        "union": truth | predicted,
    }
    axes = axes_for_grids(fig, [mask.shape for mask in panels.values()])
    for ax, (name, mask) in zip(axes, panels.items(), strict=True):
        draw_grid(ax, mask.astype(int), name, scale=(0, 1.6))
        ax.title.set_fontsize(10)
    described = "; ".join(
        f"{name}: {', '.join(''.join(str(int(v)) for v in row) for row in mask)}"
        for name, mask in panels.items()
    )
    return present(
        fig,
        f"Four grids of zeros and ones. Row by row, {described}.",
        "Count the ones in the third grid and in the fourth.",
    )


def architecture() -> FigureOutput:
    """Draw the U-Net: the shapes of its maps, on the way down, at the bottom and up again."""
    fig, ax = plt.subplots(figsize=(7, 3.7), layout="constrained")
    places = {
        (0.0, 2): "page\n32 x 32 x 1",
        (1.6, 2): "32 x 32 x 16",
        (2.4, 1): "16 x 16 x 32",
        (3.5, 0): "8 x 8 x 64",
        (4.6, 1): "16 x 16 x 32",
        (5.4, 2): "32 x 32 x 16",
        (7.0, 2): "scores\n32 x 32 x 11",
    }
    for (x, y), text in places.items():
        ax.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=9,
            zorder=2,
            bbox={"boxstyle": "round", "fc": "white", "ec": "black"},
        )
    arrow = {"arrowstyle": "->", "lw": 1.8, "shrinkA": 30, "shrinkB": 38}
    for start, end, color in (
        ((0.0, 2), (1.6, 2), "black"),
        ((1.6, 2), (2.4, 1), "tab:blue"),
        ((2.4, 1), (3.5, 0), "tab:blue"),
        ((3.5, 0), (4.6, 1), "tab:green"),
        ((4.6, 1), (5.4, 2), "tab:green"),
        ((5.4, 2), (7.0, 2), "black"),
    ):
        close = {"shrinkA": 16, "shrinkB": 16} if color != "black" else {}
        ax.annotate("", end, start, arrowprops={**arrow, "color": color, **close}, zorder=1)
    for start, end in (((1.6, 2), (5.4, 2)), ((2.4, 1), (4.6, 1))):
        dashed = {**arrow, "color": "tab:orange", "ls": "--", "shrinkA": 34, "shrinkB": 34}
        ax.annotate("", end, start, arrowprops=dashed)
    ax.text(3.5, 2.13, "skip connection", ha="center", color="tab:orange", fontsize=9)
    ax.text(3.5, 1.13, "skip connection", ha="center", color="tab:orange", fontsize=9)
    ax.text(1.75, 0.5, "pooling,\nconvolution", ha="right", color="tab:blue", fontsize=9)
    up = "transposed convolution,\nconcatenation,\nconvolution"
    ax.text(5.0, 0.35, up, ha="left", color="tab:green", fontsize=9)
    ax.set(xlim=(-0.7, 7.8), ylim=(-0.45, 2.5))
    ax.axis("off")
    return present(
        fig,
        "A diagram in the shape of the letter U. On the left, from the page of 32 by 32 by 1 down: "
        "maps of 32 by 32 by 16, of 16 by 16 by 32 and, at the bottom, of 8 by 8 by 64. On the "
        "right up again: 16 by 16 by 32, 32 by 32 by 16, and scores of 32 by 32 by 11. Dashed "
        "arrows, the skip connections, lead straight across from the left to the right on the two "
        "upper levels.",
        "Down, the maps become smaller and deeper; up, larger again. The dashed arrows skip the "
        "bottom.",
    )


def gain(arm: str, control: str, measure: str) -> str:
    """Return the mean of the paired differences of two arms and its standard error, as text."""
    differences = _values(arm, measure) - _values(control, measure)
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    return f"{np.mean(differences):.2f} ± {error:.2f}"


def mean_iou(arm: str, split: int) -> str:
    """Return the mean IoU of an arm on one split of the digits, as text."""
    return f"{np.mean(segmentation_results()[arm][f'seed {split}']['iou']):.2f}"


def seconds(arm: str) -> int:
    """Return the mean training time of an arm."""
    return round(_values(arm, "seconds").mean())


def _values(arm: str, measure: str) -> Array:
    runs = segmentation_results()[arm]
    return np.array([run[measure] for key, run in sorted(runs.items()) if key.startswith("seed")])
