"""Measure which steps take the time of drawing a notebook's first figure.

    python -m benchmarks.engine.figure [--rounds 20] [--write]

Jupyter's inline backend draws a figure twice: once without output, to find its bounding box
(`bbox_inches="tight"`), and once for real; a constrained layout, which this figure does not use,
measures all texts before that. The steps are enabled one after another, in turn, in one process;
the time of a step is the difference of two medians.
"""

import argparse
import io
import platform
import statistics
import time

import matplotlib
import numpy as np

matplotlib.use("agg")

import matplotlib.pyplot as plt

from benchmarks._figures import show_figures
from convnet.plots import draw_grid

STEPS = (  # name of the step, and the options of `make` that include it
    ("two empty axes", {"empty": True}),
    ("their cells, numbers and labels, not drawn", {}),
    ("drawing", {"draw": True}),
    ("PNG", {"draw": True, "save": True}),
    (
        "drawing without output, for the tight bounding box",
        {"draw": True, "save": True, "tight": True},
    ),
    (
        "a constrained layout, if used",
        {"draw": True, "save": True, "tight": True, "layout": "constrained"},
    ),
)


def make(empty=False, draw=False, save=False, tight=False, layout=None):
    """Make the figure up to some step, and return the processor seconds."""
    start = time.process_time()
    figure, axes = plt.subplots(1, 2, figsize=(9, 4), width_ratios=[6, 3], layout=layout)
    if not empty:
        image = np.arange(30).reshape(5, 6) % 4
        windows = [(0, 0, 2, 2, "tab:orange"), (0, 2, 2, 2, "black"), (2, 4, 2, 2, "tab:purple")]
        draw_grid(axes[0], image, "image, 5 x 6", windows)
        draw_grid(axes[1], image[:2, :3], "output, 2 x 3", [(0, 0, 1, 1, "black")])
    if save:
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight" if tight else None)
    elif draw:
        figure.canvas.draw()
    plt.close(figure)
    return time.process_time() - start


def measure(rounds):
    """Return the median time of each step including the earlier steps: {name: seconds}."""
    times = {name: [] for name, _ in STEPS}
    for number in range(rounds + 1):
        for name, options in STEPS:
            seconds = make(**options)
            if number:  # the first round loads the fonts
                times[name].append(seconds)
    return {name: statistics.median(found) for name, found in times.items()}


def as_text(found, rounds) -> str:
    """Return the table as Markdown."""
    lines = [
        f"Medians of {rounds} rounds, matplotlib {matplotlib.__version__}, "
        f"Python {platform.python_version()}, one warm process.",
        "",
        "| step | milliseconds | total so far |",
        "|---|--:|--:|",
    ]
    before = 0.0
    for name, seconds in found.items():
        lines.append(f"| {name} | {1000 * (seconds - before):.0f} | {1000 * seconds:.0f} |")
        before = seconds
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the steps of making a figure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, help="number of rounds [20]")
    parser.add_argument("--write", action="store_true", help="put the table in figure.md")
    options = parser.parse_args()
    text = as_text(measure(options.rounds), options.rounds)
    show_figures(__file__, text, options.write)


if __name__ == "__main__":
    main()
