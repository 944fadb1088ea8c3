"""Figures of the lesson "Saving and resuming training"."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np

from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["after_a_break", "first_steps", "queue", "times_per_image"]

GROUP = 6  # mini-batches whose losses are averaged
SHOWN = 48  # mini-batches before the break


def after_a_break(before: Array, first: Array, second: Array) -> FigureOutput:
    """Show the losses before a break, and those of two students who continue after it.

    Parameters
    ----------
    before, first, second : ndarray of shape (seeds, mini-batches)
        Loss of each mini-batch.
    """
    end = before.shape[1]
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for part, start, color, style, name in (
        (before[:, -SHOWN:], end - SHOWN, "black", "-", "before the break"),
        (first, end, "tab:blue", "-", "first student"),
        (second, end, "tab:red", "--", "second student"),
    ):
        whole = part[:, : part.shape[1] // GROUP * GROUP]
        groups = whole.reshape(len(part), -1, GROUP).mean(axis=2)
        steps = start + GROUP * np.arange(groups.shape[1]) + GROUP / 2
        band = groups.min(axis=0), groups.max(axis=0)
        ax.fill_between(steps, *band, color=color, alpha=0.15, lw=0)
        ax.plot(steps, groups.mean(axis=0), style, marker="o", ms=4, color=color, label=name)
    ax.axvline(end, color="0.4", ls=":")
    ax.set(xlabel="mini-batches since the beginning", ylabel="training loss", ylim=(0, 0.22))
    ax.legend(loc="upper right", ncols=3)
    return present(
        fig,
        "The training loss in the third and fourth epoch, averaged over six mini-batches and over "
        "the seeds, with the range of the seeds as a band. Before the break it falls below 0.1. "
        "The first student's loss continues at that height or below; the second student's begins "
        "the fourth epoch at about twice the height of the first one's and comes down slowly.",
        "After the break, the second student's loss is higher than at any time in the third epoch.",
    )


def first_steps(steps: dict[str, Array]) -> FigureOutput:
    """Show how far each parameter moves in the first step after the break, by student."""
    fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    bins = np.linspace(0, 0.0105, 43).tolist()
    for (name, sizes), color, hatch in zip(
        steps.items(), ("tab:blue", "tab:red"), ("", "///"), strict=True
    ):
        ax.hist(sizes, bins, color=color, alpha=0.6, hatch=hatch, edgecolor="white", label=name)
    ax.set(xlabel="change of a parameter in one step", ylabel="number of parameters")
    ax.legend(loc="upper center")
    return present(
        fig,
        "Two histograms of the size of the first step after the break. The first student's "
        "parameters move by 0 to 0.005, most of them by about 0.001. Nearly all of the second "
        "student's parameters move by 0.01.",
        "The second student moves nearly all parameters by 0.01, the whole learning rate.",
    )


def times_per_image(times: Mapping[int, Array]) -> FigureOutput:
    """Show the time for each image, for batches of several sizes, with every repetition.

    Parameters
    ----------
    times : mapping of int to ndarray
        Seconds of each call, by the number of images in its batch.
    """
    fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    spread = np.random.default_rng(0)
    medians = []
    for place, (m, seconds) in enumerate(times.items()):
        each = 1e6 * seconds / m
        medians.append(float(np.median(each)))
        ax.plot(place + spread.uniform(-0.22, 0.22, len(each)), each, ".", color="tab:blue", ms=4)
        ax.plot([place - 0.32, place + 0.32], medians[-1:] * 2, color="black", lw=2)
        note = f"{medians[-1]:.3g}"
        ax.text(place + 0.36, medians[-1], note, va="center", fontsize=10)
    ax.set(yscale="log", ylabel="microseconds per image", xlabel="images in one call")
    ax.yaxis.set_major_formatter("{x:g}")
    low, high = ax.get_ylim()
    if high < 30 * low:  # more labels would overlap
        ax.yaxis.set_minor_formatter("{x:g}")
        ax.tick_params(axis="y", which="minor", labelsize=8)
    else:
        ax.yaxis.set_minor_formatter("")
    ax.set_xticks(range(len(times)), [str(m) for m in times])
    ax.set_xlim(-0.5, len(times) - 0.3)
    listed = ", ".join(f"{m}: {median:.3g}" for m, median in zip(times, medians, strict=True))
    return present(
        fig,
        "Columns of dots on a logarithmic axis, one for each number of images in a call: the time "
        f"per image in {len(next(iter(times.values())))} equal calls. Medians in microseconds: "
        f"{listed}.",
        "Each dot is one call, the line is the median. Most dots lie close to the lowest one, and "
        "a few far above it.",
    )


def queue() -> FigureOutput:
    """Draw when five calls return, and when a GPU has done their jobs; nothing is measured."""
    fig, ax = plt.subplots(figsize=(7, 2.9), layout="constrained")
    for row, milliseconds in enumerate((20, 80)):
        widths = np.full(5, milliseconds)
        starts = 4 + widths.cumsum() - widths
        ax.barh(-row, widths, left=starts, height=0.4, fc="#dbe9f6", ec="0.4")
        for number, start in enumerate(starts, 1):
            ax.text(start + milliseconds / 2, -row, f"{number}", ha="center", va="center")
        names = ("", "") if row else ("clock stopped at once", "clock stopped after waiting")
        ax.plot(4, 0.34 - row, "v", ms=10, color="tab:red", label=names[0])
        ax.plot(4 + 5 * milliseconds, 0.34 - row, "s", ms=8, color="tab:blue", label=names[1])
    ax.set(xlabel="milliseconds since the first call", yticks=[0, -1], ylim=(-1.4, 1.2))
    ax.set_yticklabels(["5 jobs of 20 ms", "5 jobs of 80 ms"])
    ax.set_xlim(-6, 425)
    ax.legend(loc="upper right", handles=ax.get_legend_handles_labels()[0][:2])
    return present(
        fig,
        "A drawing with two rows of five boxes, one after another: jobs of 20 milliseconds, which "
        "end after 100, and jobs of 80, which end after 400. In both rows a red triangle, the "
        "clock stopped at once, is close to 0, and a blue square, the clock stopped after "
        "waiting, is at the end.",
        "A drawing, not a measurement. At the red triangles five calls have returned, and no job "
        "is done.",
    )
