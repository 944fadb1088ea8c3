"""Figures of the lesson "Architectures"."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from convnet.plots import draw_grid
from convnet.types import Array
from lesson_tools.counter import NETWORKS, LayerCount, count, totals
from lesson_tools.figures import FigureOutput, animate, present

__all__ = ["bars", "boxes", "opening", "strips", "two_kernels", "with_yours"]

COLORS = {"image": "white", "conv": "#9ecae1", "pool": "#fdd0a2", "dense": "#a1d99b"}
PUBLISHED = {  # Howard et al. (2017), tables 8 and 9: parameters, MACs, top-1 accuracy
    "AlexNet": (60e6, 720e6, 57.2),
    "VGG-16": (138e6, 15300e6, 71.5),
    "GoogLeNet": (6.8e6, 1550e6, 69.8),
    "MobileNet": (4.2e6, 569e6, 70.6),
}
Networks = Mapping[str, tuple[Sequence[dict[str, Any]], tuple[int, ...]]]


def _draw_strip(ax: Axes, y: float, rows: Sequence[LayerCount], values: Sequence[int]) -> None:
    left = 0.0
    for number, (row, value) in enumerate(zip(rows, values, strict=True), 1):
        share = value / sum(values)
        hatch = "xx" if row.kind == "dense" else ""
        ax.barh(y, share, 0.8, left, color=COLORS[row.kind], edgecolor="0.25", lw=0.8, hatch=hatch)
        if share > 0.025:
            label = f"{number}\n{share:.0%}" if share > 0.04 else f"{number}"
            box = {"facecolor": COLORS[row.kind], "edgecolor": "none", "pad": 1}
            middle = left + share / 2
            ax.text(middle, y, label, ha="center", va="center", fontsize=7.5, bbox=box)
        left += share


def _strips(networks: Networks, caption: str) -> FigureOutput:
    fig, axes = plt.subplots(
        len(networks),
        1,
        figsize=(7, 0.5 + 1.25 * len(networks)),
        layout="constrained",
        squeeze=False,
    )
    described = []
    for ax, (name, (architecture, shape)) in zip(axes[:, 0], networks.items(), strict=True):
        rows = [row for row in count(architecture, shape) if row.parameters]
        for y, (title, values) in enumerate(
            (
                ("parameters", [row.parameters for row in rows]),
                ("MACs", [row.macs for row in rows]),
            )
        ):
            _draw_strip(ax, y, rows, values)
            shares = ", ".join(
                f"layer {number} ({row.kind}) {value / sum(values):.1%}"
                for number, (row, value) in enumerate(zip(rows, values, strict=True), 1)
            )
            described.append(f"{name}, {title}: {shares}.")
        ax.set_yticks([0, 1], ["parameters", "MACs"])
        ax.set(xlim=(0, 1), xticks=[])
        ax.set_title(name, loc="left", fontsize=10)
        ax.invert_yaxis()
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
    key = [
        Patch(facecolor=COLORS[kind], edgecolor="0.25", hatch=hatch, label=label)
        for kind, hatch, label in (("conv", "", "convolution"), ("dense", "xx", "dense layer"))
    ]
    fig.legend(handles=key, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return present(
        fig,
        "Two strips for each network, divided by layer: its parameters and its MACs. "
        + " ".join(described),
        caption,
    )


def opening() -> FigureOutput:
    """Divide the parameters and the MACs of VGG-16 by layer."""
    return _strips(
        {"VGG-16, 2014": NETWORKS["VGG-16"]},
        "The same 16 layers twice, with the number and the share of each, from image to output.",
    )


def strips(networks: Networks) -> FigureOutput:
    """Divide the parameters and the MACs of several networks by layer."""
    return _strips(
        networks, "In each network, compare the dense layers of the upper and the lower strip."
    )


def with_yours(architecture: Sequence[dict[str, Any]], shape: tuple[int, ...]) -> FigureOutput:
    """Draw parameters and MACs of the reader's network among those of four published ones."""
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    label: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 9}
    for name, (parameters, macs, accuracy) in PUBLISHED.items():
        ax.plot(parameters, macs, "o", ms=10, color="tab:blue")
        ax.annotate(f"{name}, {accuracy}%", (parameters, macs), (10, 0), **label)
    parameters, macs, _ = totals(architecture, shape)
    ax.plot(parameters, macs, "*", ms=18, color="tab:orange", mec="0.25")
    ax.annotate("yours, ?", (parameters, macs), (-12, 0), ha="right", **label)
    ax.set(xscale="log", yscale="log", xlabel="parameters", ylabel="MACs for one image")
    ax.set_xlim(min(1e6, parameters / 3), max(1e9, 3 * parameters))
    ax.set_ylim(min(1e8, macs / 4), max(6e10, 4 * macs))
    ax.grid(alpha=0.4)
    published = "; ".join(
        f"{name} {values[0] / 1e6:.3g} million, {values[1] / 1e6:,.0f} million, {values[2]}%"
        for name, values in PUBLISHED.items()
    )
    return present(
        fig,
        "A plot of MACs over parameters, both axes logarithmic, with the accuracy at each point. "
        f"Parameters, MACs and accuracy: {published}. Yours: {parameters / 1e6:.3g} million and "
        f"{macs / 1e6:,.0f} million, accuracy unknown.",
        "Percentages are top-1 accuracies on ImageNet: how often the most probable class is right. "
        "They and the counts are from Howard et al. (2017), tables 8 and 9.",
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


def boxes(networks: Networks) -> FigureOutput:
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


def bars(architecture: Sequence[dict[str, Any]], shape: tuple[int, ...]) -> FigureOutput:
    """Draw parameters, MACs and activations of each convolution."""
    rows = [row for row in count(architecture, shape) if row.kind == "conv"]
    panels = {
        "parameters, millions": [row.parameters / 1e6 for row in rows],
        "MACs, billions": [row.macs / 1e9 for row in rows],
        "activations, millions": [math.prod(row.shape) / 1e6 for row in rows],
    }
    names = [f"{number}: {' x '.join(map(str, row.shape))}" for number, row in enumerate(rows, 1)]
    fig, axes = plt.subplots(
        1, len(panels), figsize=(7, 1 + 0.23 * len(rows)), sharey=True, layout="constrained"
    )
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        drawn = ax.barh(names, values, color=COLORS["conv"], edgecolor="0.25")
        ax.bar_label(drawn, [f" {value:.3g}" for value in values], fontsize=7.5)
        ax.set(xlim=(0, 1.3 * max(values)))
        ax.set_title(title, fontsize=9.5)
        ax.tick_params(labelsize=8)
    axes[0].invert_yaxis()
    described = ". ".join(
        f"{title}: " + ", ".join(f"{value:.3g}" for value in values)
        for title, values in panels.items()
    )
    return present(
        fig,
        f"A bar for each of {len(rows)} convolutions. {described}.",
        "Compare the last layer of each block: 2, 4, 7, 10 and 13. Blocks 4 and 5 have the same "
        "number of channels.",
    )


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
