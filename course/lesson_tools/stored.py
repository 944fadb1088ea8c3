"""Arrays and results that come with the lessons."""

import json
from importlib import resources
from typing import Any

import numpy as np

from convnet.types import Array

__all__ = ["stored_arrays", "stored_results"]


def stored_arrays(name: str) -> dict[str, Array]:
    """Load the arrays of a file in this folder, such as "losses/two_losses.npz", by name."""
    with resources.files("lesson_tools").joinpath(name).open("rb") as file, np.load(file) as arrays:
        return dict(arrays)


def stored_results(name: str) -> Any:
    """Load a JSON file in this folder, such as "project/results.json"."""
    return json.loads(resources.files("lesson_tools").joinpath(name).read_text("utf-8"))
