"""Stored results of the lesson "After 2020".

`python -m benchmarks.after_2020` creates them.
"""

import json
from importlib import resources

import numpy as np

from convnet.types import Array

__all__ = ["results"]


def results() -> dict[str, Array]:
    """Load the test accuracies of five runs, by network and number of images: "attention, 100"."""
    file = resources.files("lesson_tools") / "histories/after_2020.json"
    return {name: np.array(arm["test"]) for name, arm in json.loads(file.read_text()).items()}
