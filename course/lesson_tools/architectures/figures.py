"""Figures of the lesson "Architectures"."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convnet.plots import draw_grid
from convnet.types import Array
from lesson_tools.counter import LayerCount, count
from lesson_tools.figures import FigureOutput, animate, present

__all__ = ["COUNTED", "bars", "boxes", "history", "two_kernels"]

COLORS = {"image": "white", "conv": "#9ecae1", "pool": "#fdd0a2", "dense": "#a1d99b"}
# name: year, parameters, MACs
COUNTED = {
    "LeNet": (1998, 61_706, 416_520),
    "AlexNet": (2012, 60_965_224, 724_406_816),
    "VGG-16": (2014, 138_357_544, 15_470_264_320),
}
PUBLISHED = {  # Howard et al. (2017), table 8
    "GoogLeNet": (2014, 6.8e6, 1550e6),
    "MobileNet": (2017, 4.2e6, 569e6),
}
LABELS = {  # offset of the label, and its alignment
    "LeNet": (0, 10, "center"),
    "AlexNet": (-8, -3, "right"),
    "VGG-16": (0, 10, "center"),
    "GoogLeNet": (0, 9, "center"),
    "MobileNet": (0, -18, "center"),
}


def history() -> FigureOutput:
    """Show the parameters and the MACs of five networks over the years."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
    for ax, column, title in zip(
        axes, (1, 2), ("parameters", "multiply-accumulates, 1 image"), strict=True
    ):
        for networks, face in ((COUNTED, "tab:blue"), (PUBLISHED, "white")):
            for name, entry in networks.items():
                ax.plot(entry[0], entry[column], "o", ms=10, mfc=face, mec="tab:blue", mew=2)
                dx, dy, side = LABELS[name]
                at = (entry[0], entry[column])
                ax.annotate(name, at, (dx, dy), textcoords="offset points", ha=side, fontsize=9)
        ax.set(title=title, yscale="log", xlabel="year", xlim=(1996, 2020))
        ax.set_xticks(range(1998, 2020, 7))
        ax.grid(alpha=0.4)
    axes[0].set_ylim(2e4, 1e9)
    axes[1].set_ylim(1e5, 1e11)
    return present(
        fig,
        "Two plots over the years with a logarithmic axis. Parameters: LeNet 62 thousand in 1998, "
        "AlexNet 61 million in 2012, VGG-16 138 million in 2014; hollow, GoogLeNet 6.8 million in "
        "2014 and MobileNet 4.2 million in 2017. Multiply-accumulates for one image: 0.4 million, "
        "0.7 billion and 15 billion; hollow, 1.6 billion and 0.6 billion.",
        "You will count the networks with a filled circle. The hollow ones broke the trend.",
    )


def _groups(architecture: Sequence[dict[str, Any]], shape: tuple[int, ...]) -> list[list[Any]]:
    """Return [kind, shape, parameters, times, shape after pooling] of equal layers in a row."""
    groups: list[list[Any]] = [["image", shape, 0, 1, None]]
    for row in count(architecture, shape):
        if row.kind == "pool":
            groups[-1][4] = row.shape
        elif row.kind == "conv" and [row.kind, row.shape] == groups[-1][:2]:
            groups[-1][2] += row.parameters
            groups[-1][3] += 1
        else:
            groups.append([row.kind, row.shape, row.parameters, 1, None])
    return groups


def _draw_boxes(ax: Axes, groups: Sequence[Sequence[Any]], title: str) -> None:
    tallest = groups[0][1][0]
    for column, (kind, size, parameters, times, pooled) in enumerate(groups):
        drawn = [(kind, size)] * times + ([("pool", pooled)] if pooled else [])
        widths = [0.03 + 0.02 * math.log2(s[2]) if len(s) == 3 else 0.1 for _, s in drawn]
        left = column * 1.25 - sum(widths) / 2 - 0.02 * len(drawn) - 0.05
        for (box, s), width in zip(drawn, widths, strict=True):
            flat = len(s) == 1
            height = 0.25 + 0.09 * math.log2(s[0]) if flat else 1.3 * math.sqrt(s[0] / tallest)
            slant = 0 if flat else 0.16 * height
            style: dict[str, Any] = {"facecolor": COLORS[box], "edgecolor": "0.25", "lw": 0.8}
            right = left + width
            corners = [(left, height), (left + slant, height + slant)]
            corners += [(right + slant, height + slant), (right + slant, slant), (right, 0.0)]
            ax.add_patch(plt.Polygon([*corners, (right, height)], **style))
            hatch = "////" if box == "pool" else None
            ax.add_patch(plt.Rectangle((left, 0), width, height, hatch=hatch, **style))
            left = right + 0.04
        name = f"{times} x {kind}" if times > 1 else kind
        lines = f"{name}\n{'x'.join(map(str, size))}\n" + (f"{parameters:,}" if parameters else "")
        ax.text(1.25 * column, -0.1, lines, va="top", ha="center", fontsize=7, linespacing=1.5)
    ax.set(xlim=(-0.75, 1.25 * 8 + 0.75), ylim=(-0.9, 1.6), aspect="equal")
    ax.set_title(title, loc="left", fontsize=10)
    ax.axis("off")


def boxes(
    networks: Mapping[str, tuple[Sequence[dict[str, Any]], tuple[int, ...]]],
) -> FigureOutput:
    """Draw the outputs of each network's layers as boxes, with the numbers of parameters."""
    rows = len(networks)
    fig, axes = plt.subplots(rows, 1, figsize=(7, 1.95 * rows), layout="constrained", squeeze=False)
    described = []
    for ax, (name, (architecture, shape)) in zip(axes[:, 0], networks.items(), strict=True):
        groups = _groups(architecture, shape)
        _draw_boxes(ax, groups, name)
        parts = [
            f"{times} x {kind} {' x '.join(map(str, size))}"
            + (f" with {parameters:,} parameters" if parameters else "")
            + (", then pooling" if pooled else "")
            for kind, size, parameters, times, pooled in groups
        ]
        described.append(f"{name}: {'; '.join(parts)}.")
    return present(
        fig,
        "Networks as boxes from left to right. " + " ".join(described),
        "Under each box: layer, output, parameters. Hatched boxes are max pooling; heights are "
        "compressed, and those of dense layers have a scale of their own.",
    )


def bars(
    rows: Sequence[LayerCount], panels: Mapping[str, Array | Sequence[float]], caption: str
) -> FigureOutput:
    """Draw a bar for each layer of a count, in a panel for each entry (title, values)."""
    names = [f"{number} {row.kind}" for number, row in enumerate(rows, 1)]
    fig, axes = plt.subplots(
        1, len(panels), figsize=(7, 1 + 0.23 * len(rows)), sharey=True, layout="constrained"
    )
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        drawn = ax.barh(names, values, color=[COLORS[row.kind] for row in rows], edgecolor="0.25")
        for bar, row in zip(drawn, rows, strict=True):
            bar.set_hatch("xx" if row.kind == "dense" else "")
        labels = [f" {value:,.0f}" if value > 100 else f" {value:.3g}" for value in values]
        ax.bar_label(drawn, labels, fontsize=7.5)
        ax.set(xlim=(0, 1.3 * max(values)))
        ax.set_title(title, fontsize=9.5)
        ax.tick_params(labelsize=8)
    axes[0].invert_yaxis()
    described = ". ".join(
        f"{title}: " + ", ".join(f"{value:.3g}" for value in values)
        for title, values in panels.items()
    )
    return present(fig, f"A bar for each of {len(rows)} layers. {described}.", caption)


def two_kernels(image: Array, middle: Array, twice: Array) -> FigureOutput:
    """Animate the inputs that four outputs of two 3 x 3 kernels depend on."""

    def step(position: int) -> Figure:
        h, w = divmod(position, 2)
        figure, axes = plt.subplots(
            1, 3, figsize=(7, 3.2), width_ratios=[6, 4, 2.6], layout="constrained"
        )
        draw_grid(axes[0], image, "image", [(h, w, 5, 5, "tab:orange")])
        draw_grid(axes[1], np.round(middle), "one 3 x 3 kernel", [(h, w, 3, 3, "tab:orange")])
        draw_grid(axes[2], np.round(twice), "two", [(h, w, 1, 1, "tab:orange")])
        return figure

    return animate(
        step,
        range(4),
        "Three grids: the image of 6 by 6, the result of one kernel, 4 by 4, and of two, 2 by 2. "
        "For each of the four values of the last grid, a frame shows the 3 by 3 values of the "
        "middle grid and the 5 by 5 pixels of the image that it depends on.",
        seconds=1.2,
    )
