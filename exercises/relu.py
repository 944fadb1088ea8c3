"""relu: keep positive numbers and replace negative ones with 0."""

from typing import no_type_check

import numpy as np

from exercises import vectorized
from exercises.activations import FAR, REST, VALUES, activation_cases, cache_of_the_output
from exercises.cases import WHOLE
from exercises.page import Page
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

LINE = "np.maximum(Z, 0)"
ALL = (VALUES, WHOLE, REST)


@no_type_check
def relu(Z):
    """
    Keep positive numbers, and replace all others with 0.

    Arguments:
    Z -- float or integer array of any shape

    Returns:
    A -- array of the shape of Z
    cache -- the tuple (Z,), which relu_backward needs
    """
    ### BEGIN SOLUTION
    A = np.maximum(Z, 0)
    ### END SOLUTION

    cache = (Z,)
    return A, cache


EXERCISE = Exercise(
    loops=relu,
    vectorized=vectorized.relu,
    title="ReLU",
    assignment="activations",
    section="ReLU",
    returns=(Return("A"), Return("cache", "cache", ("Z",))),
    cases=activation_cases,
    checks=(
        Check("output shape", 1, "shape", groups=(VALUES, FAR)),
        Check(VALUES, 1, groups=(VALUES, FAR)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check("cache", 1, "cache", groups=(VALUES, FAR)),
        Check(REST, 1, "unchanged", groups=(VALUES, FAR)),
    ),
    mistakes=(
        Mistake(
            "largest of all",
            {LINE: "np.max(Z)"},
            ("output shape", VALUES, WHOLE, "cache", REST),
            "`A` is a single number instead of an array: functions such as `np.max` reduce a "
            "whole array to one number.",
            "Each entry is compared with 0 separately: `A` has as many entries as `Z`.",
        ),
        Mistake(
            "largest of each column",
            {LINE: "np.max(Z, 0)"},
            ("output shape", VALUES, WHOLE, "cache", REST),
            "`A` holds the largest entry of each column, as `np.max(Z, 0)` does: its second "
            "argument is an axis.",
            "Each entry is compared with 0 separately: `A` has as many entries as `Z`.",
        ),
        Mistake(
            "Python's max",
            {LINE: "max(Z, 0)"},
            ("output shape", VALUES, WHOLE, "cache", REST),
            "Python's `if` and `max` need one `True` or `False`, but comparing an array gives one "
            "for each entry.",
            "Compare each entry with 0 separately, as NumPy's functions do.",
        ),
        Mistake(
            "positive entries alone",
            {LINE: "Z[Z > 0]"},
            ("output shape", VALUES, WHOLE, REST),
            "The negative entries were left out, so `A` is shorter than `Z` and has one axis.",
            "An entry that is not positive becomes 0; it stays in its position.",
        ),
        Mistake(
            "absolute values",
            {LINE: "np.abs(Z)"},
            ALL,
            "Negative numbers became positive: these are absolute values.",
            "What becomes of -2?",
        ),
        Mistake(
            "negative part",
            {LINE: "np.minimum(Z, 0)"},
            ALL,
            "The negative numbers were kept, and the positive ones replaced.",
            "Which one is kept, the larger or the smaller of `Z` and 0?",
        ),
        Mistake(
            "zeros and ones",
            {LINE: "(Z > 0) * 1.0"},
            ALL,
            "`A` only says where `Z` is positive, not by how much.",
            "What becomes of 3.5?",
        ),
        Mistake(
            "integers 0 and 1",
            {LINE: "np.where(Z < 0, 0, 1)"},
            ALL,
            "`A` is 0 wherever `Z` is negative, and 1 elsewhere: it shows where, but not how much.",
            "What becomes of 3.5?",
        ),
        Mistake(
            "cut off at 1",
            {LINE: "np.clip(Z, 0, 1)"},
            ALL,
            "Numbers above 1 were clipped.",
            "ReLU has a lower bound and no upper bound.",
        ),
        Mistake(
            "leaky",
            {LINE: "np.where(Z > 0, Z, 0.01 * Z)"},
            ALL,
            "A fraction of each negative number was kept: this is a leaky ReLU.",
            "What is the ReLU of -2?",
        ),
        Mistake(
            "numbers below 1 lost",
            {LINE: "np.where(Z > 1, Z, 0)"},
            ALL,
            "Numbers between 0 and 1 became 0.",
            "From which number on is `Z` kept?",
        ),
        Mistake(
            "sign turned",
            {LINE: "np.maximum(-Z, 0)"},
            ALL,
            "Negative numbers became positive, and positive ones 0, as if the sign of `Z` had "
            "been changed first.",
            "What becomes of 3.5, and what of -2?",
        ),
        Mistake(
            "written into Z",
            {f"A = {LINE}": "Z[Z < 0] = 0\n    A = Z"},
            ("cache", REST),
            "`Z` itself was changed, but it belongs to the caller and is needed in the backward "
            "pass.",
            "Put the results into a new array.",
        ),
        Mistake(
            "copy multiplied in place",
            {LINE: "Z.copy()\n    A *= (Z > 0) * 1.0"},
            (WHOLE,),
            "Where `Z` holds integers, so does an array made like it, and integers cannot be "
            "multiplied by floats in place.",
            "Which operation makes a new array, whose dtype fits the product?",
        ),
        cache_of_the_output,
    ),
    elsewhere={"Derivatives of the activations": ("cache of the output",)},
    hints=(
        "What becomes of 3.5, of 0 and of -2?",
        "Each entry of the result is the larger of two numbers. Which two?",
        "`np.maximum` compares two arrays, or an array and a number, entry by entry.",
    ),
)

PAGE = Page(
    terms=("ReLU", "activation function", "dead unit"),
    mistakes=("largest of all", "Python's max", "absolute values", "written into Z"),
    cases=({"Z": np.array([[-2.0, 0.0, 3.5], [1.0, -0.5, 2.0]])},),
    reading="The positive numbers stay as they are, and the two negative ones become 0.",
)
