"""Figures of the lesson "Batch normalization"."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.batch_normalization.results import EPOCHS
from lesson_tools.figures import FigureOutput, present

__all__ = ["rates", "scales", "shared_statistics", "strips", "three_ways"]

ARMS = {  # color, marker, line
    "without": ("tab:orange", "s", "--"),
    "with batch normalization": ("tab:blue", "o", "-"),
    "without, Glorot": ("tab:red", "^", ":"),
}
WAYS = ("A: training=False", "B: training=True, shuffled", "C: training=True, sorted by class")


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
        f"Test accuracies of five networks in each row, evaluated in three ways. {described}.",
        "Five networks in each row. The three marks of a network belong to the same weights and "
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


def scales(deviations: Mapping[str, Array]) -> FigureOutput:
    """Show the standard deviation after each layer: for each network, a row for each seed."""
    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    for name, rows in deviations.items():
        color, mark, line = ARMS[name]
        layers = range(1, rows.shape[1] + 1)
        ax.fill_between(layers, rows.min(axis=0), rows.max(axis=0), color=color, alpha=0.2, lw=0)
        ax.semilogy(layers, rows.mean(axis=0), mark + line, color=color, label=name)
    ax.set(xlabel="convolution layer", ylabel="standard deviation\nof the activations")
    fig.legend(loc="outside upper center", ncols=3, fontsize=9)
    described = "; ".join(
        f"{name}: from {rows[:, 0].mean():.2g} in layer 1 to {rows[:, -1].mean():.2g} in layer 8"
        for name, rows in deviations.items()
    )
    return present(
        fig,
        "Standard deviation of the activations of eight layers before training, on a logarithmic "
        f"scale, the mean of five seeds with a band. {described}.",
        "Before training. How much of the signal arrives in layer 8?",
    )


def rates(results: Mapping[str, Mapping[float, Array]]) -> FigureOutput:
    """Show the training loss of each network at each learning rate, after 3 and after 8 epochs."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.7), sharey=True, layout="constrained")
    for column, (ax, epochs) in enumerate(zip(axes, EPOCHS, strict=True)):
        for name, by_rate in results.items():
            color, mark, line = ARMS[name]
            values = np.array([np.minimum(runs[:, column], 3) for runs in by_rate.values()])
            ax.plot(list(by_rate), values, mark, color=color, ms=4, alpha=0.5)
            ax.plot(list(by_rate), values.mean(axis=1), line, color=color, lw=2, label=name)
        ax.axhline(np.log(10), color="0.6", lw=1, zorder=0)
        ax.set(xscale="log", xlabel="learning rate", title=f"after {epochs} epochs", ylim=(0, 3.1))
    axes[0].set_ylabel("training loss")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    described = "; ".join(
        f"{name}: " + ", ".join(f"{runs[:, 1].mean():.2f} at {rate}" for rate, runs in rows.items())
        for name, rows in results.items()
    )
    return present(
        fig,
        "Two panels with the training loss of three networks over the learning rate, five runs "
        f"each. Mean losses after 8 epochs: {described}.",
        "Dots are runs, lines their means; losses above 3 are drawn at 3. The gray line is log 10, "
        "the loss of a network that has learned nothing. Compare the lowest points, and then the "
        "widths.",
    )


def strips(photos: Sequence[Array], patches: Array, classes: Array) -> FigureOutput:
    """Show two photographs in ten numbered strips, and a few patches with their strips."""
    fig = plt.figure(figsize=(7, 3.4), layout="constrained")
    parts: Any = fig.subfigures(2, 1, height_ratios=[2.4, 1])
    above, below = parts
    for k, ax in enumerate(above.subplots(1, 2)):
        ax.imshow(photos[k])
        for c in range(5):
            ax.axvline(128 * c, color="white", lw=2)
            box = {"fc": "white", "ec": "none"}
            ax.text(128 * c + 64, 40, 5 * k + c, ha="center", va="center", bbox=box)
        ax.axis("off")
    for ax, patch, c in zip(below.subplots(1, len(patches)), patches, classes, strict=True):
        ax.imshow(patch)
        ax.axis("off")
        ax.set_title(str(c), fontsize=10)
    return present(
        fig,
        "Above, a photograph of a Chinese palace and one of a flower, each divided by white lines "
        "into five vertical strips, which are numbered from 0 to 9. Below, a few patches of 32 by "
        "32 pixels, each with the number of its strip.",
        "From which strip was a patch cut? That is the class to predict.",
    )
