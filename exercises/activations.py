"""What the exercises on activation functions share: names of checks, cases, and a mistake."""

from convnet.types import Array
from exercises.cases import Cases, Rng, exact_fractions
from exercises.mistakes import Mistake

__all__ = ["FAR", "REST", "VALUES", "activation_cases", "backward_cases", "cache_of_the_output"]

VALUES, FAR, REST = "values", "far from zero", "input left alone"


def activation_cases(rng: Rng, far: bool = True) -> Cases:
    """Arrays of several shapes between -6 and 6, and such as make exp overflow."""
    n = int(rng.integers(3, 6))
    for shape in ((n, n + 2), (n + 1, n), (1, 5), (2, 3, 4, 2), (7,)):
        yield VALUES, {"Z": 3 * exact_fractions(rng, *shape)}
    yield VALUES, {"Z": 3 * exact_fractions(rng, n, n + 2).astype("float32")}
    if far:
        yield FAR, {"Z": _far(rng, 3, 4)}
        yield FAR, {"Z": _far(rng, 2, 5)}


def backward_cases(rng: Rng, far: bool = True) -> Cases:
    """The same as the caches of backward functions, with a gradient for each."""
    for group, arguments in activation_cases(rng, far):
        Z = arguments["Z"]
        dA = exact_fractions(rng, *Z.shape).astype(Z.dtype)
        yield group, {"dA": dA, "cache": (Z,)}


def _far(rng: Rng, *shape: int) -> Array:
    """Numbers of which the first are near 2000, the last near -2000, and the others small."""
    Z = exact_fractions(rng, *shape)
    Z[0] += 2000
    Z[-1] -= 2000
    Z[0, -1] = -2.125  # between the numbers that numbers draws
    return Z


cache_of_the_output = Mistake(
    "cache of the output",
    {"cache = (Z,)": "cache = (A,)"},
    ("cache",),
    "The cache holds the output A; the backward function expects the input Z in it.",
    "The docstring says what the cache holds. That line was given: leave it as it was.",
)
