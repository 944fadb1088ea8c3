"""relu: positive numbers kept, negative ones replaced by 0."""

from typing import no_type_check

import numpy as np

from exercises import vectorised
from exercises.activations import REST, VALUES, activation_cases, cache_of_the_output
from exercises.cases import Cases, Rng
from exercises.exercise import Check, Exercise, Mistake, Return

LINE = "np.maximum(Z, 0)"
ALL = (VALUES, REST)


@no_type_check
def relu(Z):
    """
    Keep what is positive, and put 0 in the place of everything else.

    Arguments:
    Z -- array of any shape

    Returns:
    A -- array of the shape of Z
    cache -- the tuple (Z,), which relu_backward needs
    """
    ### BEGIN SOLUTION
    A = np.maximum(Z, 0)
    ### END SOLUTION

    cache = (Z,)
    return A, cache


def cases(rng: Rng) -> Cases:
    yield from activation_cases(rng, far=False)
    for group, arguments in activation_cases(rng, far=False):  # smaller than 1 as well as larger
        yield group, {"Z": arguments["Z"] / 12}
        return


EXERCISE = Exercise(
    loops=relu,
    vectorised=vectorised.relu,
    title="ReLU",
    assignment="activations",
    section="ReLU",
    returns=(Return("A"), Return("cache", "cache", ("Z",))),
    cases=cases,
    checks=(
        Check("output shape", 1, "shape"),
        Check(VALUES, 2),
        Check("cache", 1, "cache"),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "largest of all",
            {LINE: "np.max(Z)"},
            ("output shape", VALUES, "cache", REST),
            "A is a single number: np.max gives the largest entry of a whole array.",
            "Each entry is compared with 0 by itself. NumPy has another function for that, with a "
            "longer name.",
        ),
        Mistake(
            "Python's max",
            {LINE: "max(Z, 0)"},
            ("output shape", VALUES, "cache", REST),
            "Python's own max compares whole arrays, and that it cannot do.",
            "NumPy has a function that compares entry by entry.",
        ),
        Mistake(
            "positive entries alone",
            {LINE: "Z[Z > 0]"},
            ("output shape", VALUES, REST),
            "The negative entries were left out, so A is shorter than Z and has one axis.",
            "An entry that is not positive becomes 0; it keeps its place.",
        ),
        Mistake(
            "absolute values",
            {LINE: "np.abs(Z)"},
            ALL,
            "Negative numbers came back positive: these are absolute values.",
            "What becomes of -2?",
        ),
        Mistake(
            "negative part",
            {LINE: "np.minimum(Z, 0)"},
            ALL,
            "The negative numbers were kept and the positive ones lost.",
            "Of Z and 0, which one is kept: the larger or the smaller?",
        ),
        Mistake(
            "zeros and ones",
            {LINE: "(Z > 0) * 1.0"},
            ALL,
            "A holds 1 where Z is positive: it says where, and not how much.",
            "What becomes of 3.5?",
        ),
        Mistake(
            "cut off at 1",
            {LINE: "np.clip(Z, 0, 1)"},
            ALL,
            "Numbers above 1 were cut off.",
            "ReLU has a bound below, and none above.",
        ),
        Mistake(
            "leaky",
            {LINE: "np.where(Z > 0, Z, 0.01 * Z)"},
            ALL,
            "A little of each negative number was kept: this is a leaky ReLU.",
            "What does plain ReLU make of -2?",
        ),
        Mistake(
            "numbers below 1 lost",
            {LINE: "np.where(Z > 1, Z, 0)"},
            ALL,
            "Numbers between 0 and 1 became 0.",
            "From which number on is Z kept?",
        ),
        Mistake(
            "sign turned",
            {LINE: "np.maximum(-Z, 0)"},
            ALL,
            "The sign of Z was turned before the comparison with 0.",
            "What becomes of 3.5, and what of -2?",
        ),
        Mistake(
            "written into Z",
            {f"A = {LINE}": "Z[Z < 0] = 0\n    A = Z"},
            ("cache", REST),
            "Z itself was changed: it belongs to the caller, and is needed backwards.",
            "Give the results an array of their own.",
        ),
        cache_of_the_output,
    ),
    elsewhere={"Backwards through an activation": ("cache of the output",)},
    hints=(
        "What becomes of 3.5, of 0 and of -2?",
        "Each entry of the result is the larger one of two numbers.",
        "np.maximum compares two arrays, or an array and a number, entry by entry.",
    ),
)
