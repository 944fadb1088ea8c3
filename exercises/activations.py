"""Cases and mistakes that the exercises on activation functions share."""

import numpy as np

from convnet.types import Array
from exercises.cases import LARGE, WHOLE
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Mistake

__all__ = ["FAR", "REST", "VALUES", "activation_cases", "array_of_the_type_of_Z"]
__all__ += ["backward_cases", "cache_of_the_output", "divided_by_the_rows", "whole_numbers"]

VALUES, FAR, REST = "values", "far from zero", "input left alone"

# The domain is all real numbers. Each of these occurs with both signs in a case of every seed.
NEAR = (2.0**-10, 0.125, 1, 6)
BEYOND = (1, 8, 12, 16, 19, 30, 100, 710, 800, 100_000)  # exp(710) overflows


def activation_cases(rng: Rng, zero: bool = True) -> Cases:
    """Yield arrays of several shapes and dtypes: between -6 and 6, and beyond exp's overflow.

    Parameters
    ----------
    zero
        True to include 0, where a derivative may not exist.
    """
    n = int(rng.integers(3, 6))
    for shape in ((n, n + 2), (n + 1, n), (1, 5), (2, 3, 4, 2), (7,)):
        yield VALUES, {"Z": 3 * exact_fractions(rng, *shape)}
    yield VALUES, {"Z": 3 * exact_fractions(rng, n, n + 2).astype("float32")}
    yield VALUES, {"Z": np.append(_of_both_signs(rng, NEAR), [0.0] * zero)}
    yield FAR, {"Z": _far(rng, 3, 4)}
    yield FAR, {"Z": _far(rng, 2, 5)}
    yield FAR, {"Z": _of_both_signs(rng, BEYOND).reshape(4, 5)}
    yield WHOLE, {"Z": whole_numbers(rng, 3, 6)}


def backward_cases(rng: Rng, zero: bool = True) -> Cases:
    """Yield the same arrays as caches of backward functions, with gradients; the last is large."""
    for group, arguments in activation_cases(rng, zero):
        Z = arguments["Z"]
        dA = exact_fractions(rng, *Z.shape).astype(np.result_type(Z, np.float32))
        yield group, {"dA": dA, "cache": (Z,)}
    dA, Z = LARGE * exact_fractions(rng, 3, 4), 3 * exact_fractions(rng, 3, 4)
    yield VALUES, {"dA": dA, "cache": (Z,)}


def whole_numbers(rng: Rng, *shape: int) -> Array:
    """Return distinct nonzero integers of both signs."""
    most = int(np.prod(shape)) // 2
    return rng.permutation([*range(-most, 0), *range(1, most + 1)]).reshape(shape)


def _of_both_signs(rng: Rng, numbers: tuple[float, ...]) -> Array:
    return rng.permutation(np.array([*numbers, *(-number for number in numbers)], float))


def _far(rng: Rng, *shape: int) -> Array:
    """Return numbers near 2000 in the first row, near -2000 in the last, and small ones between."""
    Z = exact_fractions(rng, *shape)
    Z[0] += 2000
    Z[-1] -= 2000
    Z[0, -1], Z[-1, -1] = -2.125, 0.625  # never equal to a drawn number
    return Z


cache_of_the_output = Mistake(
    "cache of the output",
    {"cache = (Z,)": "cache = (A,)"},
    ("cache",),
    "The cache does not hold `Z` as it was passed to the function, but the backward function "
    "needs it.",
    "The line that makes the cache was given. Is it as it was, and is `Z` still the argument when "
    "it runs?",
)


def array_of_the_type_of_Z(result: str) -> Mistake:
    """Return the mistake of storing the right values in an array from np.zeros_like(Z).

    Parameters
    ----------
    result
        Expression of the values in the loop implementation.
    """
    return Mistake(
        "array of the type of Z",
        {result: f"({result}).astype(Z.dtype)"},
        (WHOLE,),
        "Where `Z` holds integers, the fractions of your results are cut off, as if they were "
        "stored in an array of integers.",
        "`np.zeros_like(Z)` and `Z.copy()` have the dtype of `Z`. Which type do your results need?",
    )


def divided_by_the_rows(gradient: str) -> Mistake:
    """Return the mistake of averaging over the examples, which the cost's gradient already does.

    Parameters
    ----------
    gradient
        Expression of the gradient in the loop implementation.
    """
    return Mistake(
        "divided by the rows",
        {gradient: f"{gradient} / len(Z)"},
        (VALUES, FAR, WHOLE, REST),
        "The gradient was divided by the number of rows; if the cost is a mean, `dA` already "
        "contains that factor.",
        "If one entry of `Z` changes, which entries of `A` change with it, and by how much?",
    )
