"""What exercises draw their cases from: numbers with exact sums, and choices without repetition."""

import numpy as np

__all__ = ["distinct", "exact_fractions"]


def exact_fractions(rng: np.random.Generator, *shape: int, sign: int = 0) -> np.ndarray:
    """An array of distinct short binary fractions, none of them zero.

    Sums of their products are exact in float64 in any order, so expected outputs are the same bits
    on every machine; distinct values leave no ties for a maximum.

    sign: 0 for numbers between -2 and 2, 1 for those between 0 and 4, -1 for -4 to 0
    """
    size = int(np.prod(shape, dtype=int))
    unit = 2.0 ** np.ceil(np.log2(max(size, 4)))
    drawn = rng.choice(2 * size, size=size, replace=False)
    odd = 2 * drawn + 1 - (0 if sign else 2 * size)
    return (odd.reshape(shape) / unit) * (sign if sign else 1)


def distinct(rng, choices, number):
    """So many of the choices, each once, as Python's own numbers."""
    return [choices[place] for place in rng.choice(len(choices), size=number, replace=False)]
