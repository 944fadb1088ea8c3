"""Arrays that come with the lessons."""

from importlib import resources

import numpy as np

from convnet.types import Array

__all__ = ["stored_arrays"]


def stored_arrays(name: str) -> dict[str, Array]:
    """Load the arrays of a file in this folder, such as "maps/palace.npz", by name."""
    with resources.files("lesson_tools").joinpath(name).open("rb") as file, np.load(file) as arrays:
        return dict(arrays)
