"""Figures of the lesson "Saving and resuming training"."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["after_a_break", "attempts", "first_steps", "queue"]

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
    ax.legend(loc="upper right", ncols=3, framealpha=1)
    return present(
        fig,
        "The training loss in the third and fourth epoch, averaged over six mini-batches and over "
        "the seeds, with the range of the seeds as a band. Before the break it is between 0.05 and "
        "0.09. The first student's loss continues near 0.04; the second student's begins the "
        "fourth epoch at 0.1, about twice as high, and comes down slowly.",
        f"Means of {len(before)} runs, with their range as a band. Right after the break, the "
        "second student's mean loss is higher than anywhere in the third epoch.",
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
        "parameters move by 0 to 0.005, most of them by less than 0.002. Nearly all of the second "
        "student's parameters move by 0.01.",
        "The second student moves nearly all parameters by 0.01, the whole learning rate.",
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


def attempts(attempts: Sequence[tuple[int, int]], last: int, batches: int) -> FigureOutput:
    """Show the progress of a run whose machine keeps disappearing, against the work done.

    Parameters
    ----------
    attempts : sequence of (int, int)
        Completed epochs at the beginning of each attempt, and mini-batches computed in it.
    last : int
        Number of epochs of the run.
    batches : int
        Number of mini-batches in an epoch.
    """
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    done = 0
    for number, (begin, computed) in enumerate(attempts):
        low, high = begin * batches, begin * batches + computed
        label = None if number else "a machine at work"
        ax.plot([done, done + computed], [low, high], color="tab:blue", lw=2, label=label)
        done += computed
        if number + 1 < len(attempts):
            label = None if number else "it disappears"
            ax.plot(done, high, "X", ms=8, mec="white", color="tab:red", label=label)
            after = attempts[number + 1][0] * batches
            label = None if number else "back to the checkpoint"
            ax.plot([done, done], [high, after], ":", color="tab:red", label=label)
    ax.set(xlabel="mini-batches computed", ylabel="epochs")
    epochs = range(0, last + 1, 2)
    ax.set_yticks([epoch * batches for epoch in epochs], map(str, epochs))
    ax.grid(axis="y", alpha=0.4)
    ax.legend(loc="upper left")
    lost = done - last * batches
    return present(
        fig,
        f"A line with {len(attempts)} rising pieces, one for each machine. Where a machine "
        "disappears, a cross ends its piece, and the next piece begins at the last completed "
        f"epoch. After {done} mini-batches, {lost} of them lost, the last piece reaches epoch "
        f"{last}.",
        f"{len(attempts)} machines computed {done} mini-batches for a run of {last * batches}. "
        "Each break costs less than an epoch.",
    )
