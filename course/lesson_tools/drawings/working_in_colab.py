"""Figures of the lesson "Saving and resuming training"."""

import time
from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np

from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["after_a_break", "first_steps", "queue"]

GROUP = 6  # mini-batches whose losses are averaged
SHOWN = 48  # mini-batches before the break


def after_a_break(before: Array, first: Array, second: Array) -> FigureOutput:
    """
    Show the losses before a break, and those of two students who continue after it.

    Parameters
    ----------
    before, first, second : array of shape (seeds, mini-batches)
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


def queue() -> FigureOutput:
    """Show a clock that is stopped without waiting for a GPU, which a thread imitates."""

    def stopped_clock(seconds: float, wait: bool) -> float:
        """Return the seconds on a clock stopped after five calls, which start five jobs."""
        with ThreadPoolExecutor(max_workers=1) as gpu:
            start = time.perf_counter()
            jobs = [gpu.submit(time.sleep, seconds) for _ in range(5)]
            if wait:
                jobs[-1].result()  # the jobs are done in their order
            return time.perf_counter() - start

    fig, ax = plt.subplots(figsize=(7, 2.7), layout="constrained")
    for row, seconds in enumerate((0.02, 0.08)):
        without, waited = (1000 * stopped_clock(seconds, wait) for wait in (False, True))
        widths = np.full(5, 1000 * seconds)
        ax.barh(-row, widths, left=widths.cumsum() - widths, height=0.4, fc="#dbe9f6", ec="0.4")
        names = ("", "") if row else ("clock stopped at once", "clock stopped after waiting")
        ax.plot(without, 0.32 - row, "v", ms=10, clip_on=False, color="tab:red", label=names[0])
        ax.plot(waited, 0.32 - row, "s", ms=8, color="tab:blue", label=names[1])
    ax.set(xlabel="milliseconds since the first call", yticks=[0, -1], ylim=(-1.4, 1.1))
    ax.set_yticklabels(["5 jobs of 20 ms", "5 jobs of 80 ms"])
    ax.legend(loc="upper right", handles=ax.get_legend_handles_labels()[0][:2])
    return present(
        fig,
        "Two rows of five boxes, one after another: jobs of 20 milliseconds, which end after 100, "
        "and jobs of 80, which end after 400. In both rows a red triangle, the clock stopped at "
        "once, is close to 0, and a blue square, the clock stopped after waiting, is at the end.",
        "The red triangles: five calls have returned, and not one job is done.",
    )
