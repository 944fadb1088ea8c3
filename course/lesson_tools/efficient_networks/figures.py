"""Figures of the lesson "Efficient networks"."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.types import Array
from lesson_tools.blocks import BLUE, GREEN, ORANGE, draw_block
from lesson_tools.counter import NETWORKS, totals
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "blocks",
    "full_and_separable",
    "photographs",
    "six_networks",
    "speeds",
    "where_time_goes",
]

KINDS = {"full": ("0.6", ""), "pointwise": (BLUE, ""), "depthwise": (GREEN, "///")}
PUBLISHED = {  # year, top-1 accuracy, and where the label is: to the right, up (points), alignment
    "AlexNet": (2012, 59.3, (24, 0, "left")),
    "VGG-16": (2014, 71.6, (0, -44, "center")),
    "ResNet-50": (2015, 76.1, (0, 25, "center")),
    "MobileNet": (2017, 70.6, (0, -22, "center")),
    "MobileNetV2": (2018, 71.9, (-7, 0, "right")),
    "EfficientNet-Lite0": (2020, 75.1, (0, 22, "center")),
}
NAMES = {
    281: "tabby",
    282: "tiger cat",
    285: "Egyptian cat",
    287: "lynx",
    309: "bee",
    442: "bell cote",
    483: "castle",
    663: "monastery",
    698: "palace",
    947: "mushroom",
    985: "daisy",
    996: "hen-of-the-woods",
}  # of classes that are probable for the sample images


def six_networks() -> FigureOutput:
    """Show the accuracy of six networks over their MACs, as disks for their parameters."""
    fig, ax = plt.subplots(figsize=(7, 4.3), layout="constrained")
    for name, (year, accuracy, (right, up, side)) in PUBLISHED.items():
        n_parameters, n_macs, _ = totals(*NETWORKS[name])
        uses = any(layer["kind"] == "depthwise" for layer in NETWORKS[name][0])
        style: dict[str, Any] = {"fc": GREEN, "hatch": "////"} if uses else {"fc": "0.8"}
        ax.scatter(n_macs / 1e9, accuracy, s=n_parameters / 4e4, ec="0.2", **style)
        ax.annotate(
            f"{name}, {year}\n{n_parameters / 1e6:.1f} million",
            (n_macs / 1e9, accuracy),
            (right, up),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=9,
        )
    ax.set(xscale="log", xlim=(0.07, 45), ylim=(56, 82))
    ax.set_xticks(ticks := [0.1, 0.3, 1, 3, 10, 30], [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.set_axisbelow(True)
    ax.set(xlabel="billion multiply-accumulates for one image", ylabel="top-1 accuracy, in %")
    marks = [
        plt.Rectangle((0, 0), 1, 1, fc="0.8", ec="0.2"),
        plt.Rectangle((0, 0), 1, 1, fc=GREEN, ec="0.2", hatch="////"),
    ]
    names = ["without depthwise convolutions", "with depthwise convolutions"]
    ax.legend(marks, names, loc="lower right", fontsize=9)
    return present(
        fig,
        "Six networks as disks whose area is their number of parameters. AlexNet, 2012: 0.7 "
        "billion multiply-accumulates, 59 percent, a large disk. VGG-16, 2014: 15.5 billion, 72 "
        "percent, the largest disk. ResNet-50, 2015: 4.1 billion, 76 percent, a small one. "
        "MobileNet, MobileNetV2 and EfficientNet-Lite0, 2017 to 2020, are tiny disks on the left, "
        "0.3 to 0.6 billion, with 71 to 75 percent; they are hatched, because they use depthwise "
        "convolutions.",
        "The area of a disk shows the number of parameters. Good networks are at the top left, and "
        "small.",
    )


def full_and_separable() -> FigureOutput:
    """Show which channels are connected in a full and in a depthwise separable convolution."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    colors = ("tab:red", "tab:green", "tab:blue")
    for ax, title in zip(axes, ("full convolution", "depthwise separable"), strict=True):
        ax.set(xlim=(-0.2, 6.2), ylim=(-3.5, 4))
        ax.set_title(title, fontsize=11)
        ax.axis("off")
    for ax, x, text in (
        (axes[0], 2.88, "15 kernels of 3 x 3\n= 135 weights"),
        (axes[1], 1.63, "3 kernels of 3 x 3\n= 27 weights"),
        (axes[1], 4.13, "15 kernels of 1 x 1\n= 15 weights"),
    ):
        ax.text(x, 2.75, text, ha="center", va="bottom", fontsize=9)
    inputs = _maps(axes[0], 0, 3, colors, "3 channels")
    outputs = _maps(axes[0], 5, 5, ["0.6"], "5 channels")
    for y in inputs:
        for z in outputs:
            axes[0].plot([0.76, 5], [y, z], color="0.4", lw=1)
    _maps(axes[1], 0, 3, colors, "3 channels")
    _maps(axes[1], 2.5, 3, colors, "3 channels")
    _maps(axes[1], 5, 5, ["0.6"], "5 channels")
    for y in inputs:
        axes[1].plot([0.76, 2.5], [y, y], color="0.2", lw=3)
        for z in outputs:
            axes[1].plot([3.26, 5], [y, z], color="0.4", lw=1, ls=":")
    return present(
        fig,
        "Left, a full convolution: lines join each of 3 input channels with each of 5 output "
        "channels, 15 kernels of 3 by 3 with 135 weights. Right, a depthwise separable one: a "
        "thick line leads from each input channel to a map of its own, 3 kernels of 3 by 3 with 27 "
        "weights, and 15 dotted lines join these maps with the 5 outputs, 15 kernels of 1 by 1.",
        "A solid line is a 3 x 3 kernel with nine weights, a dotted line is a single weight. "
        "Compare 135 with 27 + 15.",
    )


def _maps(ax: Axes, left: float, number: int, colors: Sequence[str], label: str) -> list[float]:
    """Draw a column of feature maps; return the height of each."""
    heights = [2 - k * 4 / (number - 1) for k in range(number)]
    for k, y in enumerate(heights):
        style: dict[str, Any] = {"fc": colors[k % len(colors)], "ec": "0.2", "alpha": 0.5}
        ax.add_patch(plt.Rectangle((left, y - 0.38), 0.76, 0.76, **style))
    ax.text(left + 0.38, -2.7, label, ha="center", va="top", fontsize=9)
    return heights


def speeds(measured: Mapping[int, float], depthwise: float) -> FigureOutput:
    """Show the MACs per second of a 1x1 convolution by its channels, and of a depthwise one."""
    fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    channels, values = np.array(list(measured)), np.array(list(measured.values())) / 1e9
    ax.plot(channels, values, "o-", color="tab:blue", label="1x1, from n to n channels")
    ax.plot(9, depthwise / 1e9, "^", color="tab:green", ms=10, label="depthwise 3x3, 128 channels")
    ax.set(xscale="log", yscale="log", xlabel="how often each value is used")
    ax.set_xticks(channels, [str(n) for n in channels])
    ax.set_yticks(ticks := [0.5, 1, 2, 5, 10, 20, 50, 100], [f"{tick:g}" for tick in ticks])
    lowest, highest = min(*values, depthwise / 1e9), max(*values, depthwise / 1e9)
    ax.set_ylim(lowest / 1.5, highest * 1.5)
    ax.minorticks_off()
    ax.set_ylabel("billion MACs per second")
    ax.legend()
    shown = ", ".join(f"{n}: {value:.1f}" for n, value in zip(channels, values, strict=True))
    return present(
        fig,
        "Billion multiply-accumulates per second of 1x1 convolutions, by their channels, "
        f"measured here. {shown}. Depthwise: {depthwise / 1e9:.1f}.",
        "Each blue mark stands for the same number of MACs. If MACs decided the time, all marks "
        "would be at the same height.",
    )


def blocks() -> FigureOutput:
    """Show a bottleneck block of ResNet-50 and an inverted residual block."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.9), layout="constrained")
    boxes = [("256 channels", "w", 2.0), ("1x1, ReLU: 64", BLUE, 1.0)]
    boxes += [("3x3, ReLU: 64", ORANGE, 1.0), ("1x1: 256", BLUE, 2.0)]
    draw_block(axes[0], "bottleneck\n(ResNet-50)", boxes, True)
    boxes = [("80 channels", "w", 0.85), ("1x1, ReLU6: 480", BLUE, 2.0)]
    boxes += [("depthwise 3x3, ReLU6: 480", GREEN, 2.0), ("1x1: 80", BLUE, 0.85)]
    draw_block(axes[1], "inverted residual\n(EfficientNet-Lite0)", boxes, True)
    return present(
        fig,
        "Two columns of boxes whose widths stand for channels. Bottleneck: 256 channels, 1x1 to "
        "64, 3x3 on 64, 1x1 back to 256; wide, narrow, narrow, wide. Inverted residual: 80 "
        "channels, 1x1 to 480, depthwise 3x3 on 480, 1x1 back to 80; narrow, wide, wide, narrow. A "
        "red shortcut runs around each.",
        "The width of a box stands for the number of channels. Where does the shortcut begin and "
        "end: where the block is wide, or where it is narrow?",
    )


def _class_names() -> Mapping[int, str]:
    """Return the names of all classes if torchvision is installed, and otherwise of a few."""
    try:
        models = import_module("torchvision.models")
    except ImportError:
        return NAMES
    return dict(enumerate(models.ResNet50_Weights.DEFAULT.meta["categories"]))


def photographs(images: Mapping[str, Array], probabilities: Array, number: int = 4) -> FigureOutput:
    """Show prepared images, three in a row, with the most probable classes of each."""
    columns = min(3, len(images))
    rows = -(-len(images) // columns)
    fig, axes = plt.subplots(
        2 * rows,
        columns,
        figsize=(7 if columns == 3 else 6, 3.5 * rows),
        height_ratios=[2, 1] * rows,
        layout="constrained",
        squeeze=False,
    )
    text, names = [], _class_names()
    for ax in axes.flat[len(images) :]:
        ax.axis("off")
    for place, ((name, image), p) in enumerate(zip(images.items(), probabilities, strict=True)):
        row, column = 2 * (place // columns), place % columns
        above, below = axes[row : row + 2, column]
        above.imshow((image * 128 + 127).clip(0, 255).astype(np.uint8))
        above.set(xticks=[], yticks=[])
        above.set_title(name, fontsize=10)
        order = p.argsort()[::-1][:number]
        below.barh(range(number), p[order], color="tab:blue", alpha=0.5)
        labels = [f"{names.get(int(index), f'class {index}')} {p[index]:.2f}" for index in order]
        for y, label in enumerate(labels):
            below.text(0.01, y, label, va="center", fontsize=8)
        below.set(xlim=(0, 1), xticks=[], yticks=[], ylim=(number - 0.5, -0.5))
        below.axis("on")
        text.append(f"{name}: {', '.join(labels)}")
    return present(
        fig,
        f"Images with their most probable classes and the probabilities. {'; '.join(text)}.",
        "The bars are probabilities: the outputs of the softmax.",
    )


def where_time_goes(measured: Sequence[tuple[str, int, float]]) -> FigureOutput:
    """Show MACs and time of each convolution, (kind, MACs, seconds), by its kind."""
    fig, axes = plt.subplots(2, 1, figsize=(7, 4.8), sharex=True, layout="constrained")
    text = []
    for ax, field, unit, label in (
        (axes[0], 1, 1e6, "million MACs"),
        (axes[1], 2, 1e-3, "milliseconds"),
    ):
        values = np.array([row[field] for row in measured]) / unit
        for kind, (color, hatch) in KINDS.items():
            numbers = [i for i, row in enumerate(measured) if row[0] == kind]
            part = values[numbers].sum() / values.sum()
            style = {"color": color, "hatch": hatch, "edgecolor": "0.3"}
            ax.bar(np.add(numbers, 1), values[numbers], label=f"{kind}: {part:.0%}", **style)
            text.append(f"{label}, {kind}: {part:.0%}")
        ax.legend(ncols=3)
        ax.set_ylim(0, 1.25 * values.max())
        ax.set_ylabel(label)
    axes[1].set_xlabel("number of the convolution, from input to output")
    return present(
        fig,
        f"A bar for each of {len(measured)} convolutions, in two panels: million MACs, and "
        "milliseconds measured here. Full convolutions are gray, pointwise ones blue, depthwise "
        f"ones green and hatched. {'; '.join(text)}.",
        "Compare the hatched bars of the two panels. The legends show what each kind adds up to.",
    )
