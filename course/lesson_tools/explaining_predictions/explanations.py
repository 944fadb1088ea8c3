"""Maps that explain a prediction of EfficientNet-Lite0, and a judge of scores that deceive maps.

`python -m benchmarks.lessons.explaining` stores the maps, and describes each array.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.network import Network
from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["explanations", "torch_arrays", "verdict"]


def explanations() -> dict[str, Array]:
    """Load the stored maps of scikit-learn's photograph china.jpg, by name."""
    return stored_arrays("explaining_predictions/palace.npz")


def torch_arrays(network: Network) -> list[Array]:
    """Return the parameters of the digits network in PyTorch's order of layers and axes."""
    first, second, dense = (layer.parameters for layer in network.layers if layer.parameters)
    arrays = []
    for parameters in (first, second):
        arrays += [parameters["W"].transpose(3, 2, 0, 1), parameters["b"]]
    W = dense["W"].reshape(4, 4, 16, 10).transpose(3, 2, 0, 1).reshape(10, 256)
    return [*arrays, W, dense["b"]]


def verdict(score: Callable[[Array], Any]) -> str | None:
    """Return "right" if a score of two pixels deceives occlusion and the gradient, or why not.

    Return None if the score does: the function is not written yet.
    """
    corners = score(np.array([[1.0, 1], [0, 1], [1, 0], [0, 0]]))
    if corners is None:
        return None
    if np.shape(corners) != (4,):
        return "one score for each image is expected"
    corners = np.asarray(corners, dtype=float)
    drops = corners[0] - corners[1:]
    steps = np.array([[1 + 1e-5, 1], [1 - 1e-5, 1], [1, 1 + 1e-5], [1, 1 - 1e-5]])
    slopes = (np.asarray(score(steps), dtype=float) - corners[0]) / 1e-5
    if np.allclose(drops, 0):
        return "the score does not drop"
    if not np.allclose(drops[:2], 0):
        return "occlusion of one pixel shows it"
    if not np.allclose(drops[2], 1):
        return "the drop is not 1"
    return "right" if np.abs(slopes).max() < 1e-3 else "the gradient shows it"
