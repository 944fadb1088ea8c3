"""Functions that keep the arrays they return, and overwrite them in the next call."""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["kept"]


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a version of `function` that returns the same array for each shape in every call."""
    arrays: dict[Any, Any] = {}

    def keep(value: Any, *place: Any) -> Any:
        if isinstance(value, np.ndarray):
            array = arrays.setdefault((place, value.shape, value.dtype), np.empty_like(value))
            array[...] = value
            return array
        if isinstance(value, tuple):
            return tuple(keep(item, *place, number) for number, item in enumerate(value))
        if isinstance(value, dict):
            return {key: keep(item, *place, key) for key, item in value.items()}
        return value

    return lambda *arguments: keep(function(*arguments))
