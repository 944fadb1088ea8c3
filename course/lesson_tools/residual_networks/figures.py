"""Figures of the lesson "Residual networks"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.training import Epoch
from convnet.types import Array
from lesson_tools.blocks import BLUE, RED, draw_block
from lesson_tools.figures import FigureOutput, present
from lesson_tools.residual_networks.results import Results, tuned

__all__ = [
    "block_with_stride",
    "gradient_norms",
    "learning",
    "plain_and_residual",
    "published",
    "rates",
    "tuned_arms",
]

STYLES = {  # color, line, marker of an arm
    "plain, 4 layers": ("tab:purple", ":", "s"),
    "residual, 4 layers": ("tab:cyan", "-.", "D"),
    "plain, 20 layers": ("tab:orange", "--", "^"),
    "residual, 20 layers": ("tab:blue", "-", "o"),
}


def published() -> FigureOutput:
    """Show the errors of He et al. for plain and residual networks with 18 and 34 layers."""
    errors = {"plain": (27.94, 28.54), "residual": (27.88, 25.03)}
    fig, ax = plt.subplots(figsize=(5.4, 3.2), layout="constrained")
    for (name, values), (color, _, mark), height in zip(
        errors.items(), list(STYLES.values())[2:], (9, -15), strict=True
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
    boxes = [("3x3 convolution", BLUE, 1.6), ("ReLU", "w", 0.9), ("3x3 convolution", BLUE, 1.6)]
    draw_block(axes[0], "plain: ReLU(F(x))", [*boxes, ("ReLU", "w", 0.9)], False)
    draw_block(axes[1], "residual: ReLU(x + F(x))", boxes, True, "ReLU")
    axes[0].set_ylim(axes[1].get_ylim())
    axes[1].text(0.6, 0.72, "$x$", color=RED, fontsize=12)
    axes[1].text(-1.2, -1.1, "$F(x)$", fontsize=11)
    return present(
        fig,
        "Two columns of boxes: convolution, ReLU, convolution, ReLU. In the residual column, a red "
        "line leaves above the first box, runs around both convolutions, and joins their output at "
        "a plus sign before the last ReLU.",
        "Everything is equal except the red line. It has no weights.",
    )


def gradient_norms(norms: Mapping[str, Array]) -> FigureOutput:
    """Show norms of the gradient by block, relative to the last one: (seeds, blocks + 1)."""
    fig, ax = plt.subplots(figsize=(6.4, 3.5), layout="constrained")
    for name, values in norms.items():
        color, line, mark = STYLES[f"{name}, 20 layers"]
        blocks = np.arange(values.shape[1])
        middle = np.exp(np.log(values).mean(axis=0))
        ax.plot(blocks, middle, line, color=color, marker=mark, lw=2, label=name)
        ax.fill_between(blocks, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2)
    ax.set(yscale="log", xlabel="blocks from the input", ylabel="relative norm of the gradient")
    ax.set_xticks(range(0, 11, 2))
    ax.legend()
    ranges = "; ".join(
        f"{name}, {values[:, 0].min():.2g} to {values[:, 0].max():.2g}"
        for name, values in norms.items()
    )
    return present(
        fig,
        "The norm of the gradient from the last block, where it is 1, back to the first, with a "
        f"band of all seeds. At the input of the first block: {ranges}.",
        "Backpropagation runs from right to left. Each band spans twenty seeds.",
    )


def rates(results: Results, arms: Sequence[str], epochs: Sequence[int]) -> FigureOutput:
    """Show the training loss of arms for each learning rate, in a panel for each duration."""
    fig, axes = plt.subplots(
        1, len(epochs), figsize=(7, 4), sharey=True, squeeze=False, layout="constrained"
    )
    text = []
    for ax, number in zip(axes[0], epochs, strict=True):
        for place, arm in enumerate(arms):
            color, line, mark = STYLES[arm]
            values = results[arm][f"training loss, {number} epochs"]
            x = results[arm]["rates"] * 1.06 ** (place - (len(arms) - 1) / 2)
            middle = np.median(values, axis=1)
            ax.plot(x, middle, line, color=color, marker=mark, label=arm, lw=1.8)
            for at, row in zip(x, values, strict=True):
                ax.plot([at, at], [row.min(), row.max()], color=color, lw=3, alpha=0.35)
            shown = ", ".join(f"{value:.2f}" for value in middle)
            text.append(f"{arm}, {number} epochs: {shown}")
        ax.set(xscale="log", title=f"{number} epochs", xlabel="learning rate", ylim=(-0.05, 2.5))
        ticks = results[arms[0]]["rates"]
        ax.set_xticks(ticks, [f"{rate:g}" for rate in ticks], fontsize=8)
        ax.minorticks_off()
    axes[0, 0].set_ylabel("training loss")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return present(
        fig,
        "The training loss over five learning rates from 0.0003 to 0.03, with a bar from the "
        f"smallest to the largest of five runs. Medians: {'; '.join(text)}.",
        "Choose a rate, and read off which network is best. Then choose another one. The marks are "
        "medians, the bars reach from the best to the worst of five runs.",
    )


def tuned_arms(
    results: Results, arms: Sequence[str], epochs: Sequence[int] = (4, 20)
) -> FigureOutput:
    """Show the training losses of each network's five runs at its own rate, after some epochs."""
    fig, axes = plt.subplots(
        1, len(epochs), figsize=(7, 1 + 0.42 * len(arms)), sharey=True, layout="constrained"
    )
    text = []
    for ax, number in zip(axes, epochs, strict=True):
        for row, arm in enumerate(arms):
            rate, values = tuned(results[arm], number)
            residual = arm.startswith("residual")
            color, mark = ("tab:blue", "o") if residual else ("tab:orange", "^")
            ax.axhline(row, color="0.9", lw=1, zorder=0)
            ax.plot(values, np.full(len(values), row), mark, color=color, ms=8, alpha=0.6)
            ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color="0.2", lw=2)
            text.append(
                f"{arm}, {number} epochs: {values.min():.3f} to {values.max():.3f}, mean "
                f"{values.mean():.3f}, rate {rate:g}"
            )
        ax.set(xscale="log", xlabel=f"loss after {number} epochs", ylim=(len(arms) - 0.5, -0.5))
        low, high = ax.get_xlim()
        ticks = [tick for tick in (0.005, 0.02, 0.1, 0.2, 0.5, 1, 2) if low < tick < high]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    axes[0].set_yticks(
        range(len(arms)), [arm.replace(", ", "\n", 2).replace("\n", ", ", 1) for arm in arms]
    )
    return present(
        fig,
        "The training loss of five runs for each network at its best rate. "
        + "; ".join(text)
        + ".",
        "Each mark is one run with a training set and a seed of its own; the bars are means.",
    )


def learning(histories: Mapping[str, Sequence[Epoch]]) -> FigureOutput:
    """Show the training loss of networks by epoch."""
    fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    for (name, history), (color, line, mark) in zip(
        histories.items(), list(STYLES.values())[2:], strict=False
    ):
        losses = [epoch.loss for epoch in history]
        ax.plot(range(1, len(losses) + 1), losses, line, color=color, marker=mark, label=name)
    ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
    ax.legend()
    ends = "; ".join(f"{name}: {history[-1].loss:.2f}" for name, history in histories.items())
    return present(
        fig,
        f"The training loss by epoch. At the end, {ends}.",
        "Both networks have 20 layers in blocks, the same learning rate and the same images.",
    )


def block_with_stride() -> FigureOutput:
    """Show a block that halves height and width, with a projection on its shortcut."""
    fig, ax = plt.subplots(figsize=(4.6, 4.6), layout="constrained")
    boxes = [("3x3, stride 2", BLUE, 1.5), ("batch norm, ReLU", "w", 1.5)]
    boxes += [("3x3", BLUE, 1.5), ("batch norm", "w", 1.5)]
    draw_block(ax, "", boxes, "1x1,\nstride 2,\nbatch norm", "ReLU")
    ax.text(-0.1, 0.75, "32 x 32 x 16", ha="right", va="center", fontsize=9)
    ax.text(-0.1, -5.95, "16 x 16 x 32", ha="right", va="center", fontsize=9)
    return present(
        fig,
        "A residual block: 3x3 convolution with stride 2, batch normalization and ReLU, 3x3 "
        "convolution, batch normalization; the red shortcut contains a 1x1 convolution with stride "
        "2 and batch normalization. Both join at a plus sign, and a ReLU follows. The input is 32 "
        "x 32 x 16, the output 16 x 16 x 32.",
        "Both paths halve height and width and double the channels, so that their outputs can be "
        "added.",
    )
