"""Figures of the lesson "Project"."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.project.small_edges import Draw, Photo

__all__ = ["confusion", "edge_results", "edges", "errors", "parts", "results", "students"]

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
        "Each dot is one run, the line is the mean. Do the ranges overlap?",
    )


def errors(
    images: Array, labels: Array, readings: Array, plain: Array, augmented: Array, most: int = 9
) -> FigureOutput:
    """Show digits whose errors survive a method, disappear, or appear with it.

    Parameters
    ----------
    images, labels : ndarray
        Test images and their classes.
    readings : ndarray of shape (runs, images)
        Predictions of the five networks with augmentation.
    plain, augmented : ndarray of int
        Number of networks, of five, that misread each image.
    """
    groups = {
        "survive": (plain >= 4) & (augmented >= 4),
        "disappear": (plain >= 4) & (augmented <= 1),
        "appear": (plain == 0) & (augmented >= 2),
    }
    fig, axes = plt.subplots(len(groups), most, figsize=(7, 3.5), layout="constrained")
    described = []
    for row, (name, member) in zip(axes, groups.items(), strict=True):
        chosen = np.flatnonzero(member)
        row[0].set_ylabel(name, fontsize=11)
        for ax, i in zip(row, [*chosen[:most], *[-1] * most], strict=False):
            ax.set(xticks=[], yticks=[])
            if i < 0:
                ax.set_frame_on(False)
                continue
            ax.imshow(images[i, :, :, 0], cmap="gray_r")
            often = np.bincount(readings[:, i], minlength=10)
            often[labels[i]] = 0
            title = f"{labels[i]} as {often.argmax()}" if often.any() else f"{labels[i]}"
            ax.set_title(title, fontsize=9)
        shown = ", ".join(str(labels[i]) for i in chosen[:most])
        described.append(f"{name}: {len(chosen)} digits, shown are {shown or 'none'}")
    return present(
        fig,
        f"Three rows of test digits. {'; '.join(described)}.",
        "First row: errors of at least four of five networks, with and without shifts. Second: "
        'only without. Third: of at least two with shifts, of none without. "9 as 5" is a 9 that '
        "networks with shifts classify as 5.",
    )


def edges(photo: Photo, by_sobel: Draw, by_network: Draw) -> FigureOutput:
    """Show a photograph, and its edges by a baseline, a small network, and HED."""
    panels = {
        "the photograph": photo.color / 255,
        "Sobel, four numbers": 1 - by_sobel(photo.gray),
        "small network, 2,017": 1 - by_network(photo.gray),
        "HED, 260,289": 1 - photo.hed,
    }
    n_H, n_W = photo.gray.shape
    fig, axes = plt.subplots(2, 2, figsize=(7, 7 * n_H / n_W + 0.6), layout="constrained")
    for ax, (title, image) in zip(axes.flat, panels.items(), strict=True):
        draw_image(ax, image, title, (0, 1), scale=False)
    return present(
        fig,
        "Four images: a photograph; its edges by Sobel's kernels at three scales; by the small "
        "network; and by HED, which has the boldest lines and the whitest areas between them.",
        "The network was trained to draw like HED. Is it closer to HED, or to Sobel?",
    )


def edge_results(stored: Mapping[str, Any]) -> FigureOutput:
    """Show the correlation with HED of two methods on the test photographs of five splits."""
    fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    limits = (0.25, 0.95)
    ax.plot(limits, limits, color="0.6", lw=1)
    described = []
    for number, (one, other) in enumerate(
        zip(stored["Sobel"]["test"], stored["network"]["test"], strict=True)
    ):
        x, y = list(one.values()), [other[name] for name in one]
        ax.plot(x, y, "os^Dv"[number], ms=7, alpha=0.8, label=f"split {number + 1}")
        described.append(f"split {number + 1}: {np.mean(x):.3f} and {np.mean(y):.3f}")
    ax.set(xlabel="correlation with HED: Sobel", ylabel="correlation with HED: network")
    ax.set(xlim=limits, ylim=limits, aspect="equal")
    ax.legend(loc="lower right")
    return present(
        fig,
        "A dot for each test photograph of five splits: the correlation of Sobel's drawing with "
        "HED's to the right, that of the network's upward, with the diagonal. Means of Sobel and "
        f"the network: {'; '.join(described)}.",
        "Above the diagonal, the network is closer to HED; below it, four numbers are.",
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
