"""Stored results of the lesson "Residual networks".

`python -m benchmarks.lessons.residual_networks` creates them.
"""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = ["Results", "last_losses", "results"]

Results = dict[str, dict[str, Any]]


def results() -> Results:
    """Load the results of the study: for each network, its learning rate and its five runs."""
    return stored_results("residual_networks/results.json")


def last_losses(network: str) -> Array:
    """Return the training losses of five runs of a network, such as "plain, 40 layers"."""
    return np.array(results()[network]["losses"])[:, -1]
