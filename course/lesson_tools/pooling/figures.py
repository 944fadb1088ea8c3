"""Figures of `course/10_pooling.py`."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.functional import avg_pool2d, max_pool2d
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.sweep import axes_for_grids

__all__ = [
    "accuracies",
    "anywhere",
    "changes",
    "min_or_max",
    "moved_line",
    "shift_curves",
    "two_views",
]

COLORS = ["tab:blue", "tab:orange", "tab:green", "tab:purple"]
MARKS = ["o", "s", "^", "D", "v", "P", "*"]


def two_views(photos: Sequence[Array], maps: Sequence[Array]) -> FigureOutput:
    """Show two photographs and their feature maps, before and after a shift, and the changes."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
    for row, (before, after), name, largest in (
        (axes[0], photos, "photograph", 255),
        (axes[1], maps, "feature map", 700),
    ):
        for ax, A, title in zip(row[:2], (before, after), (f"{name} A", f"{name} B"), strict=True):
            draw_image(ax, A[0, :, :, 0], title, (0, largest), scale=False)
        change = (after - before)[0, :, :, 0]
        draw_image(row[2], change, "change, B - A", (-largest, largest), scale=False)
    return present(
        fig,
        "Two rows of three images. Above, two photographs of a part of a tower, which look alike, "
        "and their difference, white for 0, orange below and purple above it: faint outlines of "
        "the tower. Below, their feature maps, thin bright lines on black, which also look "
        "alike, and their difference: strong orange and purple lines side by side.",
        "On the right, white means that nothing changed. The change of the photograph is faint; "
        "that of the feature map is as strong as the map itself.",
    )


def changes(series: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show the relative changes of several pictures: a bar for the mean, a dot for each picture."""
    values = 100 * np.array(list(series.values()))
    rows, means = range(len(series)), values.mean(axis=1)
    colors = ["tab:blue" if " f = " in name else "0.5" for name in series]  # pooled or not
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    ax.barh(rows, means, 0.72, color=colors, alpha=0.4)
    ax.plot(values[1:], rows[1:], color="0.4", lw=0.6, alpha=0.6)  # from the feature map on
    for row, color in zip(rows, colors, strict=True):
        ax.plot(values[row], np.full_like(values[row], row), "o", color=color, ms=4)
        ax.text(119, row, f"{means[row]:.0f}%", ha="right", va="center", size=13, weight="bold")
    ax.set_yticks(rows, list(series), fontsize=11)
    ax.set(xlim=(0, 120), ylim=(len(series) - 0.45, -0.55), xlabel="relative change in percent")
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right"]].set_visible(False)
    described = "; ".join(
        f"{name} {mean:.0f} ({min(row):.0f} to {max(row):.0f})"
        for name, mean, row in zip(series, means, values, strict=True)
    )
    return present(
        fig,
        "A bar chart, gray without pooling and blue with pooling. Mean relative changes in "
        f"percent, with the smallest and the largest of {values.shape[1]} pictures: {described}.",
        f"Each bar is a mean over {values.shape[1]} pictures, and a line connects the dots of one "
        "picture. Follow a few lines: which bars are shorter for every picture?",
    )


def moved_line(rows: Mapping[int, Array]) -> FigureOutput:
    """Show a row of a feature map, and its pooled rows, by the shift of the image in pixels."""
    fig = plt.figure(figsize=(7, 3.2))
    A = np.array(list(rows.values()))
    maps = {
        "row of the feature map": A,
        "max pooled": max_pool2d(A[:, None, :, None].repeat(2, axis=1), 2)[:, 0, :, 0],
        "average pooled": avg_pool2d(A[:, None, :, None].repeat(2, axis=1), 2)[:, 0, :, 0],
    }
    labels, *axes = axes_for_grids(fig, [(len(A), 2), *(values.shape for values in maps.values())])
    labels.remove()  # only the space for them is needed
    pairs = [(0, 2 * w, len(A), 2, color) for w, color in enumerate(COLORS[:3])]
    for ax, (name, values) in zip(axes, maps.items(), strict=True):
        draw_grid(ax, values, name, pairs if values is A else (), scale=(0, 3))
        ax.title.set_fontsize(10)
        ax.set_yticks([])
    axes[0].set_yticks(range(len(A)), [f"shift {k:+d}" if k else "shift 0" for k in rows])
    described = "; ".join(
        f"{name}: " + ", ".join(" ".join(f"{value:g}" for value in row) for row in values)
        for name, values in maps.items()
    )
    return present(
        fig,
        "Three grids with one row for each shift of the line, from -2 to +2 pixels; the columns of "
        f"the first are outlined in pairs. Row by row, {described}.",
        "Go down, from shift to shift. The line moves steadily on the left; on the right it "
        "sometimes fills one window, and sometimes lies in two.",
    )


def shift_curves(curves: Mapping[int, Sequence[float]]) -> FigureOutput:
    """Show the relative change by the shift, in pixels and in windows, for several f."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), sharey=True, layout="constrained")
    for (f, values), mark, color in zip(curves.items(), MARKS, ["tab:gray", *COLORS], strict=False):
        shifts, percent = np.arange(len(values)), 100 * np.asarray(values)
        label = "no pooling" if f == 1 else f"f = s = {f}"
        axes[0].plot(shifts, percent, f"-{mark}", color=color, label=label, markersize=4)
        joined = "" if f == 1 else "-"  # without pooling, nothing is measured between 0 and 1
        axes[1].plot(shifts / f, percent, f"{joined}{mark}", color=color, markersize=4)
    axes[0].set(xlabel="shift in pixels", ylabel="relative change in percent", ylim=(0, 160))
    axes[1].set(xlabel="shift in windows", xlim=(-0.1, 2.1))
    for ax in axes:
        ax.grid(alpha=0.4)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    at_one = ", ".join(f"{100 * values[1]:.0f} with f = {f}" for f, values in curves.items())
    window = ", ".join(f"{100 * values[f]:.0f} with f = {f}" for f, values in curves.items())
    return present(
        fig,
        "Two charts of the relative change, which rises from 0 and levels off at 120 to 140 "
        "percent. On the left, against the shift in pixels, curves for larger windows rise more "
        f"slowly: at one pixel {at_one} (f = 1 is no pooling). On the right, against the shift in "
        f"windows, those for f = 2, 4 and 8 lie close together: at one window {window}.",
        "Left: the larger the windows, the slower the rise. Right: the same points, with the shift "
        "measured in windows of the map. What is left of the difference?",
    )


def accuracies(results: Mapping[str, Array]) -> FigureOutput:
    """Show accuracies of networks, (runs, shifts) each, with a dot for each run and their mean."""
    fig, ax = plt.subplots(figsize=(7, 1.2 + 0.62 * len(results)), layout="constrained")
    names = ["not moved", "moved by 1 pixel", "moved by 2 pixels"]
    means = {name: 100 * np.mean(values, axis=0) for name, values in results.items()}
    for number, values in enumerate(results.values()):
        ax.axhline(number, color="0.9", lw=1, zorder=0)
        for k, (mark, color) in enumerate(zip(MARKS, COLORS, strict=False)):
            if k == len(names):
                break
            x = 100 * np.asarray(values)[:, k]
            y = np.full(len(x), number) + 0.08 * (k - 1)
            ax.plot(
                x, y, mark, color=color, alpha=0.35, ms=5, label=names[k] if not number else None
            )
            ax.text(x.mean(), number - 0.22, f"{x.mean():.0f}", ha="center", color=color, size=9)
    ax.set_yticks(range(len(results)), list(results))
    ax.set(
        xlim=(0, 101), ylim=(len(results) - 0.6, -0.6), xlabel="accuracy on test digits in percent"
    )
    fig.legend(loc="outside upper center", ncols=3, markerscale=1.2)
    described = "; ".join(f"{name} {', '.join(f'{x:.0f}' for x in m)}" for name, m in means.items())
    return present(
        fig,
        "A row of dots for each network, one dot for each training run. Mean accuracies in percent "
        f"on digits that have not moved, moved by one and by two pixels: {described}.",
        "Each dot is one training run, and the numbers are means. Compare the networks on digits "
        "that have not moved first, and then on moved ones.",
    )


def anywhere(pages: Array, predictions: Sequence[int], labels: Sequence[int]) -> FigureOutput:
    """Show pages with a digit each and the network's predictions, wrong ones in red."""
    fig, axes = plt.subplots(
        2, len(pages) // 2, figsize=(7, 14 / (len(pages) // 2) + 0.6), layout="constrained"
    )
    for ax, page, predicted, label in zip(axes.flat, pages, predictions, labels, strict=True):
        ax.imshow(page[:, :, 0], cmap="gray", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"{predicted}", color="black" if predicted == label else "red")
    named = ", ".join(
        f"{label}" if predicted == label else f"{label}, read as {predicted}"
        for predicted, label in zip(predictions, labels, strict=True)
    )
    return present(
        fig,
        f"{len(pages)} black pages of 40 by 40 pixels with one small white digit each, at random "
        f"positions. The digits are {named}.",
        "Above each page is what the network reads, in red if it is wrong. It was trained only on "
        "digits in the middle of 12 x 12 pixels.",
    )


def min_or_max(A: Array, smallest: Array, f: int) -> FigureOutput | None:
    """Show a printed page, max pooled and min pooled; nothing if there is no result yet."""
    if smallest is None:
        return None
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.3), layout="constrained")
    titles = ("page", f"max, f = s = {f}", f"min, f = s = {f}")
    for ax, values, title in zip(axes, (A, max_pool2d(A, f), smallest), titles, strict=True):
        draw_image(ax, values[0, :, :, 0], title, (0, 255), scale=False)
        ax.title.set_fontsize(10)
    return present(
        fig,
        "Three images of a printed page: the original; max pooled, where most letters are gone; "
        "and min pooled, where the headline is bold and the lines of text are dark bars.",
        "The smallest value of a window keeps what is dark.",
    )
