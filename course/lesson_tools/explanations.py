"""Occlusion and saliency maps of EfficientNet-Lite0, which a lesson draws.

They are made by `python -m benchmarks.explaining`, whose text says what each array is.
"""

from importlib import resources

import numpy as np

from convnet.types import Array

__all__ = ["explanations"]


def explanations() -> dict[str, Array]:
    """Load the stored maps of scikit-learn's photographs, by name."""
    folder = resources.files("lesson_tools") / "maps"
    with (folder / "palace.npz").open("rb") as file, np.load(file) as arrays:
        return dict(arrays)
