"""Figures of the lesson "Project"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["class_maps", "confusion", "parts", "results", "students"]

COLORS = {"train": "tab:blue", "validation": "tab:orange", "test": "tab:red"}


def students(accuracies: Sequence[float]) -> FigureOutput:
    """Show the accuracies of ten students, from the lowest to the highest."""
    percent = 100 * np.sort(accuracies)
    fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    ax.plot(np.arange(1, len(percent) + 1), percent, "o", color="tab:blue", ms=8)
    for place in (0, -1):
        ax.annotate(
            f"{percent[place]:.1f}%",
            (len(percent) if place else 1, percent[place]),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
        )
    ax.set(xlabel="student", ylabel="accuracy in percent", xticks=range(1, len(percent) + 1))
    ax.set_ylim(percent[0] - 2, percent[-1] + 3)
    listed = ", ".join(f"{value:.1f}" for value in percent)
    return present(
        fig,
        f"Ten dots, the students' accuracies in percent in rising order: {listed}.",
        "One method, ten seeds. Every dot is an honest result.",
    )


def parts(photos: Sequence[Array], borders: Mapping[str, tuple[float, float]]) -> FigureOutput:
    """Show photographs with the parts from which patches are cut."""
    fig, axes = plt.subplots(1, len(photos), figsize=(7, 2.7), layout="constrained")
    for ax, photo in zip(np.atleast_1d(axes), photos, strict=True):
        draw_image(ax, photo, "", (0, 255), scale=False)
        n_H, n_W = photo.shape[:2]
        for name, (left, right) in borders.items():
            box = (left * n_W + 1, 1), (right - left) * n_W - 3, n_H - 3
            ax.add_patch(plt.Rectangle(*box, fill=False, ec=COLORS[name], lw=3, label=name))
    handles, names = np.atleast_1d(axes)[0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper center", ncols=3)
    return present(
        fig,
        f"{len(photos)} photographs, each divided into three upright parts: the left half for "
        "training, the next quarter for validation, the right quarter for the test.",
        "No pixel belongs to two parts.",
    )


def results(runs: Mapping[str, Sequence[float]], label: str) -> FigureOutput:
    """Show every run of each method as a dot, and the mean as a line."""
    fig, ax = plt.subplots(figsize=(7, 0.8 + 0.6 * len(runs)), layout="constrained")
    spread = np.random.default_rng(0)
    for row, values in enumerate(runs.values()):
        heights = row + spread.uniform(-0.12, 0.12, len(values))
        ax.plot(values, heights, "o", color=f"C{row}", ms=7, alpha=0.8)
        ax.plot([np.mean(values)] * 2, [row - 0.32, row + 0.32], color="black", lw=2)
    ax.set(xlabel=label, ylim=(len(runs) - 0.5, -0.5))
    ax.set_yticks(range(len(runs)), list(runs))
    listed = "; ".join(
        f"{name}: {', '.join(f'{value:.3f}' for value in sorted(values))}"
        for name, values in runs.items()
    )
    return present(
        fig,
        f"A row of dots for each method, one dot for each run, and a line at the mean. {listed}.",
        "Each dot is one run, the line is the mean. Is a lowest run above the baseline's mean?",
    )


def class_maps(mosaic: Array, maps: Mapping[str, Array], names: Sequence[str]) -> FigureOutput:
    """Show a mosaic of textures, and the class that each method predicts at each position."""
    short = [str(name).partition(".")[0] for name in names]
    colors = ListedColormap([f"C{number}" for number in range(len(names))])
    n_H, n_W = mosaic.shape
    fig, axes = plt.subplots(
        1, 1 + len(maps), figsize=(8, 0.75 + 2 * n_H / n_W), layout="constrained"
    )
    draw_image(axes[0], mosaic, "mosaic", (0, 255), scale=False)
    for ax, (name, predicted) in zip(axes[1:], maps.items(), strict=True):
        ax.imshow(predicted, cmap=colors, vmin=-0.5, vmax=len(names) - 0.5)
        ax.set(title=name, xticks=[], yticks=[])
    keys = [Patch(color=f"C{number}", label=name) for number, name in enumerate(short)]
    fig.legend(handles=keys, loc="outside lower center", ncols=len(names))
    above, below = ", ".join(short), ", ".join([short[-1], *short[:-1]])
    return present(
        fig,
        f"A mosaic of textures in two rows, {above} above {below}, and next to it the predicted "
        f"class at each position, as a color, by each of {', '.join(maps)}.",
        "Windows across a border contain two textures. Which method makes mistakes elsewhere, "
        "and where?",
    )


def confusion(labels: Array, predictions: Array, names: Sequence[str]) -> FigureOutput:
    """Show the confusion matrix."""
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (labels, predictions), 1)
    size = min(7.0, 2.6 + 0.5 * len(names))
    fig, ax = plt.subplots(figsize=(size, size - 0.6), layout="constrained")
    ax.imshow(counts, cmap="Blues", vmin=0, vmax=1.4 * counts.max())
    for (row, column), count in np.ndenumerate(counts):
        ax.text(column, row, str(count), ha="center", va="center")
    short = [str(name).partition(".")[0] for name in names]
    ax.set_xticks(range(len(names)), short, rotation=30 if len(names) > 5 else 0)
    ax.set_yticks(range(len(names)), short)
    ax.set(xlabel="predicted class", ylabel="true class")
    rows = "; ".join(
        f"{name}: {', '.join(map(str, row))}" for name, row in zip(short, counts, strict=True)
    )
    return present(
        fig,
        f"A confusion matrix, with a row for each class and a column for each prediction. {rows}.",
        "Correct predictions are on the diagonal. Which two classes are confused most?",
    )
