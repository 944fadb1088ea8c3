"""What exercises draw their cases from: numbers with exact sums, and choices without repetition."""

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
Arguments = dict[str, Any]  # of a call, by name
Integer = int | np.integer  # what a generator draws is of the latter kind
Drawn = tuple[str, Arguments]  # a case: its group, and what the function is called with
Cases = Iterator[Drawn]
CasesWithDefaults = Iterator[Drawn | tuple[str, Arguments, Arguments]]  # see `Exercise.cases`

_T = TypeVar("_T")

# The check of arguments that may be integers, and the group of its cases. No other check has them.
WHOLE = "whole numbers"

# Times what is drawn: beyond the bounds that numbers are clipped to, and beyond float16 and int16.
LARGE = 2.0**20


def exact_fractions(rng: Rng, *shape: Integer, sign: int = 0) -> Array:
    """An array of distinct short binary fractions, none of them zero.

    Sums of their products are exact in float64 in any order, so expected outputs are the same bits
    on every machine; distinct values leave no ties for a maximum.

    sign: 0 for numbers between -2 and 2, 1 for those between 0 and 4, -1 for -4 to 0
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
    """A_prev, W and b of a layer.

    scale: of A_prev and b, and so of all outputs
    """
    return {
        "A_prev": exact_fractions(rng, *shape).astype(dtype) * scale,
        "W": exact_fractions(rng, *filters).astype(dtype),
        "b": (exact_fractions(rng, 1, 1, 1, n_C) + bias).astype(dtype) * scale,
    }


def distinct(rng: Rng, choices: Sequence[_T], number: int) -> list[_T]:
    """So many of the choices, each once, as Python's own numbers."""
    return [choices[place] for place in rng.choice(len(choices), size=number, replace=False)]
