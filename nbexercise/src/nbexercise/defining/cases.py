"""Draw cases of exercises: numbers with exact sums, and choices without repetition."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Arguments",
    "Cases",
    "CasesWithDefaults",
    "Drawn",
    "Integer",
    "Rng",
    "distinct",
    "exact_fractions",
]

Rng = np.random.Generator
Arguments = dict[str, Any]  # arguments of a call, by name
Integer = int | np.integer  # a generator draws NumPy integers
Drawn = tuple[str, Arguments]  # a case: its group and its arguments
Cases = Iterator[Drawn]
CasesWithDefaults = Iterator[Drawn | tuple[str, Arguments, Arguments]]  # see `Exercise.cases`

_T = TypeVar("_T")


def exact_fractions(rng: Rng, *shape: Integer, sign: int = 0) -> NDArray[Any]:
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


def distinct(rng: Rng, choices: Sequence[_T], number: int) -> list[_T]:
    """Return `number` distinct choices as Python numbers."""
    return [choices[place] for place in rng.choice(len(choices), size=number, replace=False)]
