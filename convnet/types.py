"""Short names for the types that stand in many signatures."""

import os
from typing import Any, Protocol

import numpy as np

__all__ = ["Array", "FilePath", "Optimizer", "Shape", "Size"]

Array = np.ndarray  # of any shape and type; help() then says ndarray and nothing longer
Shape = tuple[int, ...]
Size = tuple[int, int]  # (n_H, n_W)
FilePath = str | os.PathLike[str]


class Optimizer(Protocol):
    """
    What a training needs of an optimizer; `convnet.training` has two.

    Attributes
    ----------
    settings : dict
        What it was made with.
    state : dict of str to ndarray
        What it remembers from one step to the next.
    """

    settings: dict[str, Any]
    state: dict[str, Array]

    def step(self, parameters: Array, gradients: Array) -> None:
        """Change `parameters` in place; both are arrays of one shape."""
