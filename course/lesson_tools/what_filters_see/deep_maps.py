"""Feature maps and side outputs of the blocks of HED whose weights the course does not include.

`python -m benchmarks.lessons.deep_maps` creates them; that module describes each array.
"""

from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["deep_maps"]


def deep_maps() -> dict[str, Array]:
    """Load the outputs of blocks 3, 4 and 5 for the lesson's photograph, by name."""
    return stored_arrays("what_filters_see/deep_maps.npz")
