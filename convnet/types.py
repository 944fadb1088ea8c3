"""Short names for types that occur in many signatures."""

import os
from typing import Any, Protocol

import numpy as np

__all__ = ["Array", "FilePath", "Optimizer", "Shape", "Size"]

Array = np.ndarray  # of any shape and type; help() then says ndarray and nothing longer
Shape = tuple[int, ...]
Size = tuple[int, int]  # (n_H, n_W)
FilePath = str | os.PathLike[str]


class Optimizer(Protocol):
    """Protocol of an optimizer; `convnet.training` has two implementations.

    Attributes
    ----------
    settings : dict
        Arguments of the optimizer.
    state : dict of str to ndarray
        State that is kept from one step to the next.
    """

    settings: dict[str, Any]
    state: dict[str, Array]

    def step(self, parameters: Array, gradients: Array) -> None:
        """Change `parameters` in place; both are arrays of one shape."""
