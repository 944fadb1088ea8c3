"""Arrays and results that come with the lessons."""

import json
from importlib import resources
from typing import Any

import numpy as np

from convnet.types import Array

__all__ = ["stored_arrays", "stored_results"]


def stored_arrays(name: str) -> dict[str, Array]:
    """Load the arrays of a file in this folder, such as "maps/palace.npz", by name."""
    with resources.files("lesson_tools").joinpath(name).open("rb") as file, np.load(file) as arrays:
        return dict(arrays)


def stored_results(name: str) -> Any:
    """Load a JSON file in the folder histories, such as "project.json"."""
    file = resources.files("lesson_tools").joinpath("histories", name)
    return json.loads(file.read_text("utf-8"))
