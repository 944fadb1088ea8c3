"""Stored results of the lesson "After 2020".

`python -m benchmarks.lessons.after_2020` creates them.
"""

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = ["results"]


def results(kind: str = "test") -> dict[str, Array]:
    """Load test accuracies, or the last training losses, of five runs by arm: "attention, 100".

    Parameters
    ----------
    kind
        "test" or "loss".
    """
    return {
        name: np.array(arm[kind]) for name, arm in stored_results("after_2020/results.json").items()
    }
