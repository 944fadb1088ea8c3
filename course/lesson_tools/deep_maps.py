"""Feature maps and side outputs of the blocks of HED whose weights the course does not have.

They are made by `python -m benchmarks.deep_maps`, whose text says what each array is.
"""

from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["deep_maps"]


def deep_maps() -> dict[str, Array]:
    """Load what blocks 3, 4 and 5 make of the lesson's photograph, by name."""
    return stored_arrays("maps/deep_maps.npz")
