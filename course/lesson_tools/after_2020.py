"""Stored results of the lesson "After 2020".

`python -m benchmarks.after_2020` creates them.
"""

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = ["results"]


def results() -> dict[str, Array]:
    """Load the test accuracies of five runs, by network and number of images: "attention, 100"."""
    return {name: np.array(arm["test"]) for name, arm in stored_results("after_2020.json").items()}
