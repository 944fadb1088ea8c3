"""Draw cases of this course's exercises: the arrays of a layer, and names that they share."""

from convnet.types import Shape
from nbexercise.defining.cases import Arguments, Rng, exact_fractions

__all__ = ["LARGE", "WHOLE", "layer"]

# Name of the check with integer arguments, and of the group of its cases.
WHOLE = "whole numbers"

# Factor that moves numbers beyond any usual clipping bound and the range of float16 and int16.
LARGE = 2.0**20


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
