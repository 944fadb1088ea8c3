"""Figures of `course/lesson_template.py`."""

import matplotlib.pyplot as plt
import numpy as np

from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["moving_averages"]


def moving_averages(values: Array, averages: Array) -> FigureOutput:
    """Show measurements and their moving averages, each at the middle of its window."""
    first = (len(values) - len(averages)) // 2
    fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    ax.plot(values, "o", color="tab:gray", label="measured")
    ax.plot(first + np.arange(len(averages)), averages, color="tab:blue", label="moving average")
    ax.set(xlabel="day", ylabel="temperature")
    ax.legend()
    return present(
        fig,
        "Forty gray points, which jump by a few degrees from day to day, and a blue curve between "
        "them, which rises from about 10 to about 14 degrees with only small changes of direction.",
        "The measurements jump by a few degrees. Their average shows the trend.",
    )
