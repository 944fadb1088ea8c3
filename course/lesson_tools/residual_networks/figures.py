"""Figures of the lesson "Residual networks"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.training import Epoch
from convnet.types import Array
from lesson_tools.blocks import BLUE, RED, draw_block
from lesson_tools.figures import FigureOutput, present
from lesson_tools.residual_networks.results import Results

__all__ = ["agreement", "depths", "learning", "plain_and_residual", "published", "removed"]

STYLES = {  # color, line, marker of a network
    "plain, 4 layers": ("tab:purple", ":", "s"),
    "plain, 40 layers": ("tab:orange", "--", "^"),
    "residual, 40 layers": ("tab:blue", "-", "o"),
}


def published() -> FigureOutput:
    """Show the errors of He et al. for plain and residual networks with 18 and 34 layers."""
    errors = {"plain": (27.94, 28.54), "residual": (27.88, 25.03)}
    fig, ax = plt.subplots(figsize=(5.4, 3.2), layout="constrained")
    for (name, values), (color, _, mark), height in zip(
        errors.items(), list(STYLES.values())[1:], (9, -15), strict=True
    ):
        ax.plot((18, 34), values, color=color, marker=mark, lw=2, ms=8)
        for layers, value in zip((18, 34), values, strict=True):
            ax.annotate(
                f"{value}%", (layers, value), (0, height), textcoords="offset points", ha="center"
            )
        ax.text(35.3, values[1], name, color=color, va="center", fontsize=11)
    ax.set(xlim=(15, 42), ylim=(24, 29.6), xticks=(18, 34), xlabel="layers")
    ax.set_ylabel("top-1 error on ImageNet, in %")
    return present(
        fig,
        "Two lines from 18 to 34 layers. The error of the plain networks rises from 27.94 to 28.54 "
        "percent, that of the residual networks falls from 27.88 to 25.03 percent.",
        "Look at the direction of the two lines. (He et al., 2015, table 2: validation images.)",
    )


def plain_and_residual() -> FigureOutput:
    """Show the two blocks that the lesson compares, which differ in the shortcut alone."""
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 4), layout="constrained")
    layer = ("3x3 conv, batch norm", BLUE, 1.9)
    boxes = [layer, ("ReLU", "w", 0.9), layer]
    draw_block(axes[0], "plain: ReLU(F(x))", [*boxes, ("ReLU", "w", 0.9)], False)
    draw_block(axes[1], "residual: ReLU(x + F(x))", boxes, True, "ReLU")
    axes[0].set_ylim(axes[1].get_ylim())
    axes[1].text(0.6, 0.72, "$x$", color=RED, fontsize=12)
    axes[1].text(-1.3, -1.1, "$F(x)$", fontsize=11)
    return present(
        fig,
        "Two columns of boxes: convolution with batch normalization, ReLU, convolution with batch "
        "normalization, ReLU. In the residual column, a red line leaves above the first box, runs "
        "around both convolutions, and joins their output at "
        "a plus sign before the last ReLU.",
        "Everything is equal except the red line. It has no weights.",
    )


def learning(histories: Mapping[str, Sequence[Epoch]]) -> FigureOutput:
    """Show the training loss of networks by epoch."""
    fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    for name, history in histories.items():
        color, line, mark = STYLES[name]
        losses = [epoch.loss for epoch in history]
        ax.plot(range(1, len(losses) + 1), losses, line, color=color, marker=mark, label=name)
    ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, 2.5))
    ax.legend()
    ends = "; ".join(f"{name}: {history[-1].loss:.2f}" for name, history in histories.items())
    return present(
        fig,
        f"The training loss by epoch. At the end, {ends}.",
        "The loss is the mean over an epoch, on the images that the networks are trained on. All "
        "have the same learning rate.",
    )


def depths(results: Results) -> FigureOutput:
    """Show the training loss of plain and residual networks by depth: medians and ranges."""
    fig, ax = plt.subplots(figsize=(6.4, 3.5), layout="constrained")
    text = []
    for (kind, offset), (color, line, mark) in zip(
        (("plain", -0.4), ("residual", 0.4)), list(STYLES.values())[1:], strict=True
    ):
        layers = np.array([4, 40])
        values = np.array([results[f"{kind}, {n} layers"]["losses"] for n in layers])[:, :, -1]
        middle = np.median(values, axis=1)
        ax.plot(layers + offset, middle, line, color=color, marker=mark, lw=2, label=kind)
        ax.vlines(layers + offset, values.min(axis=1), values.max(axis=1), color, lw=4, alpha=0.35)
        shown = ", ".join(f"{value:.2f}" for value in middle)
        text.append(f"{kind}, {shown}")
    ax.set(xlabel="layers", ylabel="training loss in epoch 6", ylim=(0, None))
    ax.set_xticks(layers)
    ax.legend(loc="upper left")
    return present(
        fig,
        f"The training loss of networks with 4 and 40 layers. Medians: {'; '.join(text)}. "
        "The line of the plain networks climbs, and that of the residual networks stays low.",
        "Marks are medians of five runs, and bars reach from the best to the worst run. Each "
        "network has its own learning rate.",
    )


def agreement(steps: Array, cosines: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show the cosine of the gradients before and after a step, by the length of the step."""
    fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    for name, values in cosines.items():
        color, line, mark = STYLES[name]
        ax.plot(steps, values, line, color=color, marker=mark, lw=2, label=name)
    ax.axhline(0, color="0.6", lw=1, zorder=0)
    ax.set(xscale="log", xlabel="length of the step, relative to the parameters", ylim=(-0.3, 1.08))
    ax.set_ylabel("cosine of the gradients\nbefore and after the step")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    text = "; ".join(
        f"{name}: " + ", ".join(f"{value:.2f}" for value in values)
        for name, values in cosines.items()
    )
    return present(
        fig,
        "The cosine of the gradients before and after a step, for steps from "
        f"{steps[0]:g} to {steps[-1]:g} of the length of the parameters. {text}.",
        "1 means that the gradient still points in the same direction. How far does each network "
        "get before its curve falls?",
    )


def removed(complete: Mapping[str, float], without: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show the accuracy of complete networks, and without each of their blocks."""
    fig, axes = plt.subplots(
        1,
        len(without),
        figsize=(7.4, 3.2),
        sharey=True,
        width_ratios=[len(values) + 4 for values in without.values()],
        layout="constrained",
    )
    text = []
    for ax, (name, values) in zip(axes, without.items(), strict=True):
        color = "tab:blue" if name.startswith("residual") else "tab:orange"
        line = ax.axhline(complete[name], color="0.3", ls="--", lw=1.5)
        ax.bar(range(1, len(values) + 1), values, color=color)
        ax.set(title=name.replace(", ", ",\n"), xlabel="block removed", ylim=(0, 1))
        ax.set_xticks(range(1, len(values) + 1) if len(values) < 10 else (1, 5, 10, 15, 20))
        shown = ", ".join(f"{value:.2f}" for value in values)
        text.append(f"{name}, complete {complete[name]:.2f}, without each block {shown}")
    axes[0].set_ylabel("test accuracy")
    axes[0].legend([line], ["complete"], loc="upper left", bbox_to_anchor=(0, 0.82), frameon=False)
    return present(
        fig,
        f"The test accuracy after removing one block. {'; '.join(text)}.",
        "Each bar is a trained network without one of its blocks. The dashed line is the complete "
        "network. Guessing gives 0.1.",
    )
