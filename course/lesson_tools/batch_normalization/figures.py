"""Figures of the lesson "Batch normalization"."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["drift", "rates", "shared_statistics", "three_ways"]

WAYS = ("A: training=False", "B: training=True, shuffled", "C: training=True, sorted by class")
STYLES = {
    "normalized once": ("tab:orange", "s", -1),
    "normalized in every step": ("tab:blue", "o", 1),
}


def drift(history: Array, layers: Sequence[int]) -> FigureOutput:
    """Show the standard deviation after some layers, counted from 1, for each network and step."""
    fig, axes = plt.subplots(1, len(layers), figsize=(7, 2.8), sharey=True, layout="constrained")
    for ax, layer in zip(axes, layers, strict=True):
        for values in history[:, :, layer - 1]:
            ax.semilogy(values, lw=1.5, alpha=0.9)
        ax.set(title=f"layer {layer}", xlabel="step", xticks=(0, 10, 20), ylim=(0.25, 4))
        ax.set_yticks([0.25, 0.5, 1, 2, 4], ["0.25", "0.5", "1", "2", "4"])
        ax.minorticks_off()
        ax.grid(axis="y")
    axes[0].set_ylabel("standard deviation")
    described = "; ".join(
        f"layer {layer} between {history[:, :, layer - 1].min():.2f} and "
        f"{history[:, :, layer - 1].max():.2f}"
        for layer in layers
    )
    return present(
        fig,
        "The standard deviation of the values after some of the convolution layers over twenty "
        "training steps, a line for each of five networks, on a logarithmic scale. All lines start "
        f"at 1: {described}.",
        "Each color is a network. The deeper the layer, the further the scale strays from 1.",
    )


def rates(accuracies: Mapping[str, Mapping[float, Sequence[float]]]) -> FigureOutput:
    """Show the test accuracy of the networks of each kind at each learning rate."""
    fig, ax = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
    for name, by_rate in accuracies.items():
        color, mark, side = STYLES[name]
        x = np.array(list(by_rate)) * 1.06**side
        values = np.array(list(by_rate.values()))
        ax.plot(x, values, mark, color=color, ms=5, alpha=0.5)
        ax.plot(x, np.median(values, axis=1), "-", color=color, lw=2, label=name)
    ax.axhline(0.1, color="0.6", lw=1, zorder=0)
    ax.set(xscale="log", xlabel="learning rate", ylabel="test accuracy", ylim=(0, 1))
    rates = list(next(iter(accuracies.values())))
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    fig.legend(loc="outside upper center", ncols=2)
    described = "; ".join(
        f"{name}: " + ", ".join(f"{np.median(runs):.2f} at {rate:g}" for rate, runs in rows.items())
        for name, rows in accuracies.items()
    )
    return present(
        fig,
        "Test accuracy after one epoch over the learning rate, five networks of each kind at each "
        f"rate. Medians: {described}.",
        "After one epoch. Dots are networks, lines are medians, and the gray line is guessing.",
    )


def three_ways(accuracies: Mapping[str, Array]) -> FigureOutput:
    """Show the accuracies of networks (a row for each seed) in three ways (columns)."""
    rows = len(accuracies)
    fig, ax = plt.subplots(figsize=(7, 1.5 + 0.75 * rows), layout="constrained")
    for k, (way, mark, color) in enumerate(
        zip(WAYS, "os^", ("tab:blue", "tab:orange", "tab:green"), strict=True)
    ):
        for row, values in enumerate(accuracies.values()):
            label = way if row == 0 else None
            y = np.full(len(values), row + 0.22 * (k - 1))
            ax.plot(values[:, k], y, mark, color=color, ms=8, alpha=0.7, label=label)
    ax.set(yticks=range(rows), yticklabels=list(accuracies), xlim=(0, 1), ylim=(rows - 0.5, -0.5))
    ax.set_xlabel("accuracy on the test images")
    ax.grid(axis="x")
    for border in range(1, rows):
        ax.axhline(border - 0.5, color="0.8", lw=1)
    fig.legend(loc="outside upper center", ncols=3, fontsize=8.5, columnspacing=0.8)
    described = "; ".join(
        f"{name.replace(chr(10), ' ')}: "
        + ", ".join(
            f"{way[0]} from {column.min():.2f} to {column.max():.2f}"
            for way, column in zip(WAYS, values.T, strict=True)
        )
        for name, values in accuracies.items()
    )
    return present(
        fig,
        f"Test accuracies of three networks in each row, evaluated in three ways. {described}.",
        "Three networks in each row. The three marks of a network belong to the same weights and "
        "the same 297 images.",
    )


def shared_statistics(
    images: Sequence[Array], maps: Array, channels: Sequence[int]
) -> FigureOutput:
    """Show three images and their feature maps: a column for each channel, which share a mean."""
    limit = float(np.abs(maps).max())
    fig = plt.figure(figsize=(7, 4.4))
    columns: Any = fig.subfigures(1, len(channels) + 1, wspace=0.02)
    for k, column in enumerate(columns):
        place = {"left": 0.2 if k == 0 else 0.1, "right": 1 if k == 0 else 0.9, "top": 0.8}
        axes = column.subplots(3, 1, gridspec_kw={**place, "bottom": 0.03, "hspace": 0.08})
        title = "image"
        if k > 0:
            channel = maps[..., k - 1]
            title = f"channel {channels[k - 1]}\nmean {channel.mean():.2f}\nstd {channel.std():.2f}"
        column.suptitle(title, fontsize=10, va="top", y=0.975)
        for i, ax in enumerate(axes):
            if k == 0:
                draw_image(ax, images[i], "", (0, 1), scale=False)
                ax.set_ylabel(f"example {i}")
            else:
                draw_image(ax, maps[i, :, :, k - 1], "", (-limit, limit), scale=False)
    columns[2].set(facecolor="0.88", edgecolor="black", linewidth=2)
    return present(
        fig,
        "Three digits, one in each row, and beside each its feature maps in four channels. The "
        "three maps of the second channel, one below the other, stand in a common frame. Each "
        "column has its own mean and standard deviation, which are written above it.",
        "All values inside the frame share one mean and one standard deviation (orange is "
        "negative, purple positive).",
    )
