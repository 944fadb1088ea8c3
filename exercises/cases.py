"""Draw cases of exercises: numbers with exact sums, and choices without repetition."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from convnet.types import Array, Shape

__all__ = [
    "LARGE",
    "WHOLE",
    "Arguments",
    "Cases",
    "CasesWithDefaults",
    "Drawn",
    "Integer",
    "Rng",
    "distinct",
    "exact_fractions",
    "layer",
]

Rng = np.random.Generator
Arguments = dict[str, Any]  # arguments of a call, by name
Integer = int | np.integer  # a generator draws NumPy integers
Drawn = tuple[str, Arguments]  # a case: its group and its arguments
Cases = Iterator[Drawn]
CasesWithDefaults = Iterator[Drawn | tuple[str, Arguments, Arguments]]  # see `Exercise.cases`

_T = TypeVar("_T")

# Name of the check with integer arguments, and of the group of its cases.
WHOLE = "whole numbers"

# Factor that moves numbers beyond any usual clipping bound and the range of float16 and int16.
LARGE = 2.0**20


def exact_fractions(rng: Rng, *shape: Integer, sign: int = 0) -> Array:
    """Return an array of distinct nonzero binary fractions with few digits.

    Sums of their products are exact in float64 in any order, so expected outputs are identical bit
    for bit on every machine. Distinct values leave no ties for a maximum.

    Parameters
    ----------
    sign
        0 for numbers from -2 to 2, 1 for 0 to 4, -1 for -4 to 0.
    """
    size = math.prod(map(int, shape))
    unit = 2.0 ** np.ceil(np.log2(max(size, 4)))
    drawn = rng.choice(2 * size, size=size, replace=False)
    odd = 2 * drawn + 1 - (0 if sign else 2 * size)
    return (odd.reshape(shape) / unit) * (sign if sign else 1)


def layer(
    rng: Rng,
    shape: Shape,
    filters: Shape,
    n_C: int,
    dtype: str = "float64",
    bias: float = 3,
    scale: float = 1,
) -> Arguments:
    """Return A_prev, W and b of a layer.

    Parameters
    ----------
    scale
        Factor of A_prev and b, and thus of all outputs.
    """
    return {
        "A_prev": exact_fractions(rng, *shape).astype(dtype) * scale,
        "W": exact_fractions(rng, *filters).astype(dtype),
        "b": (exact_fractions(rng, 1, 1, 1, n_C) + bias).astype(dtype) * scale,
    }


def distinct(rng: Rng, choices: Sequence[_T], number: int) -> list[_T]:
    """Return `number` distinct choices as Python numbers."""
    return [choices[place] for place in rng.choice(len(choices), size=number, replace=False)]
