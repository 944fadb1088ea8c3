"""Occlusion and saliency maps of EfficientNet-Lite0, which a lesson draws.

`python -m benchmarks.explaining` creates them; that module describes each array.
"""

from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["explanations"]


def explanations() -> dict[str, Array]:
    """Load the stored maps of scikit-learn's photographs, by name."""
    return stored_arrays("maps/palace.npz")
