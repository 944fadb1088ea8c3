"""Stored results of the lesson "Residual networks".

`python -m benchmarks.lessons.residual_networks` creates them.
"""

from typing import NamedTuple

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = ["Results", "Tuned", "results", "tuned"]

Results = dict[str, dict[str, Array]]


class Tuned(NamedTuple):
    """Five runs of a network at its best learning rate."""

    rate: float
    values: Array


def results() -> Results:
    """Load the results of the study.

    Returns
    -------
    results : dict of str to dict of str to ndarray
        For each network, such as "plain, 20 layers": its learning rates, and measures such as
        "training loss, 4 epochs", with a row of five runs for each rate.
    """
    return {
        network: {name: np.array(values) for name, values in measures.items()}
        for network, measures in stored_results("residual_networks/results.json").items()
    }


def tuned(measures: dict[str, Array], epochs: int, measure: str = "training loss") -> Tuned:
    """Choose the learning rate of a network, and return its five runs with this rate.

    The rate with the smallest mean training loss is chosen for the training loss, and the one with
    the largest mean validation accuracy for the test accuracy.

    Parameters
    ----------
    measures : dict
        Results of the network.
    epochs : int
        4 or 20.
    measure : str
        "training loss" or "test accuracy".
    """
    if measure == "test accuracy":
        row = int(measures[f"validation accuracy, {epochs} epochs"].mean(axis=1).argmax())
    else:
        row = int(measures[f"training loss, {epochs} epochs"].mean(axis=1).argmin())
    return Tuned(float(measures["rates"][row]), measures[f"{measure}, {epochs} epochs"][row])
