"""Stored results of the lesson "Batch normalization".

`python -m benchmarks.lessons.batch_normalization` creates them.
"""

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = ["EPOCHS", "results", "tuned"]

EPOCHS = (3, 8)  # after which the losses were stored


def results(measure: str = "loss") -> dict[str, dict[float, Array]]:
    """Load the results of the study.

    Parameters
    ----------
    measure : str
        "loss" on the training images, or "test accuracy".

    Returns
    -------
    results : dict of str to dict of float to ndarray
        For each network and each learning rate, an array with a row for each of five runs and two
        columns, after 3 and after 8 epochs.
    """
    return {
        network: {
            float(rate): np.array([run[measure] for run in runs]) for rate, runs in rates.items()
        }
        for network, rates in stored_results("batch_normalization/results.json").items()
    }


def tuned(network: str, epochs: int) -> Array:
    """Return five test accuracies after 3 or 8 epochs, at the rate with the lowest median loss."""
    column = EPOCHS.index(epochs)
    losses = results()[network]
    rate = min(losses, key=lambda rate: np.median(losses[rate][:, column]))
    return results("test accuracy")[network][rate][:, column]
