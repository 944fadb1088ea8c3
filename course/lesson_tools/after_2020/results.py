"""Stored results of the lesson "After 2020".

`python -m benchmarks.lessons.after_2020` creates them.
"""

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = ["results"]


def results() -> dict[str, Array]:
    """Load the test accuracies of five runs by arm: "attention, 100"."""
    stored = stored_results("after_2020/results.json")
    return {name: np.array(arm["test"]) for name, arm in stored.items()}
