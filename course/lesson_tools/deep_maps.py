"""Feature maps and side outputs of the blocks of HED whose weights the course does not have.

They are made by `python -m benchmarks.deep_maps`, whose text says what each array is.
"""

from importlib import resources

import numpy as np

from convnet.types import Array

__all__ = ["deep_maps"]


def deep_maps() -> dict[str, Array]:
    """Load what blocks 3, 4 and 5 make of the lesson's photograph, by name."""
    folder = resources.files("lesson_tools") / "maps"
    with (folder / "deep_maps.npz").open("rb") as file, np.load(file) as arrays:
        return dict(arrays)
