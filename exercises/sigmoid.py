"""sigmoid: map numbers to values between 0 and 1."""

from typing import no_type_check

import numpy as np

from exercises.activations import (
    FAR,
    REST,
    VALUES,
    activation_cases,
    array_of_the_type_of_Z,
    cache_of_the_output,
)
from exercises.cases import WHOLE
from exercises.page import Page, row_of
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

FORM = "np.where(Z >= 0, 1, E) / (1 + E)"
ALL = (VALUES, FAR, WHOLE, REST)


@no_type_check
def sigmoid(Z):
    """
    Apply the sigmoid to every entry.

    Arguments:
    Z -- float or integer array of any shape

    Returns:
    A -- array of the shape of Z
    cache -- the tuple (Z,), which sigmoid_backward needs
    """
    ### BEGIN SOLUTION
    E = np.exp(-np.abs(Z))  # between 0 and 1: it cannot overflow
    A = np.where(Z >= 0, 1, E) / (1 + E)
    ### END SOLUTION

    cache = (Z,)
    return A, cache


EXERCISE = Exercise(
    loops=sigmoid,
    vectorized=sigmoid,
    title="Sigmoid",
    assignment="activations",
    section="The sigmoid",
    returns=(Return("A"), Return("cache", "cache", ("Z",))),
    cases=activation_cases,
    checks=(
        Check(VALUES, 1, groups=(VALUES,)),
        Check(FAR, 1, groups=(FAR,)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check("cache", 1, "cache", groups=(VALUES, FAR)),
        Check(REST, 1, "unchanged", groups=(VALUES, FAR)),
    ),
    mistakes=(
        Mistake(
            "sign of the exponent",
            {FORM: "1 / (1 + np.exp(Z))"},
            ALL,
            "The result is the sigmoid of `-Z`, which falls where it should rise, as if the "
            "exponent had the wrong sign.",
            "What should `A` be for a large positive `Z`, and what does your formula give there?",
        ),
        Mistake(
            "exp over one plus exp",
            {FORM: "np.exp(Z) / (1 + np.exp(Z))"},
            (FAR,),
            "For large numbers `A` is nan: `exp(Z)` overflows to infinity, and infinity divided "
            "by infinity is nan.",
            "Divide numerator and denominator by `exp(Z)`: what formula do you get, and can it "
            "still give nan?",
        ),
        Mistake(
            "numerator of the other form",
            {FORM: "np.exp(Z) / (1 + np.exp(-Z))"},
            ALL,
            "The result is `exp(Z)` times the sigmoid, which grows without bound, as if `exp(Z)` "
            "were divided by 1 plus `exp(-Z)`.",
            "The denominator 1 + `exp(-Z)` is near 1 for a large `Z`. What must the numerator be?",
        ),
        Mistake(
            "sign of Z lost",
            {FORM: "1 / (1 + E)"},
            ALL,
            "Negative numbers are treated like positive ones: nothing in `A` is below 0.5.",
            "The sigmoid of -1 is 0.27. Where does your code lose the sign of `Z`?",
        ),
        Mistake(
            "brackets forgotten",
            {FORM: "1 / 1 + np.exp(-Z)"},
            ALL,
            "This is 1 plus `exp(-Z)`, which is always above 1, as if parentheses were missing in "
            "the denominator.",
            "Which part of the formula is under the fraction bar? Does your code divide by all of "
            "it?",
        ),
        Mistake(
            "minus in the denominator",
            {FORM: "1 / (1 - np.exp(-Z))"},
            ALL,
            "This is 1 over 1 minus `exp(-Z)`: the denominator is a difference, and vanishes at "
            "`Z` = 0.",
            "At `Z` = 0 the result is 0.5. What does your denominator give there?",
        ),
        Mistake(
            "base 10",
            {FORM: "1 / (1 + 10.0**-Z)"},
            ALL,
            "The base of the power is 10 instead of e, so the sigmoid rises too fast.",
            "Which of NumPy's functions computes powers of e?",
        ),
        Mistake(
            "tanh",
            {FORM: "np.tanh(Z)"},
            ALL,
            "This is tanh, which lies between -1 and 1 and is 0 at 0.",
            "The sigmoid of 0 is one half.",
        ),
        Mistake(
            "derivative",
            {FORM: "E / (1 + E) ** 2"},
            ALL,
            "This is the derivative of the sigmoid, which has its maximum, 0.25, at 0.",
            "The forward pass needs the function itself; its derivative belongs to "
            "`sigmoid_backward`.",
        ),
        Mistake(
            "rounded to 0 and 1",
            {FORM: "np.round(np.where(Z >= 0, 1, E) / (1 + E))"},
            ALL,
            "The results are all 0 or 1, as if the sigmoid were rounded.",
            "A network learns from small changes, so values between 0 and 1 must be kept.",
        ),
        Mistake(
            "power of two",
            {FORM: "1 / (1 + 2.0**-Z)"},
            ALL,
            "The base of the power is 2, not e.",
            "Which NumPy function computes powers of e?",
        ),
        Mistake(
            "computed in place",
            {"    A = np.where": "    Z[...] = np.where", "(1 + E)": "(1 + E)\n    A = Z"},
            (WHOLE, "cache", REST),
            "`Z` itself was changed, but it belongs to the caller and is needed in the backward "
            "pass.",
            "Put the results into a new array.",
        ),
        array_of_the_type_of_Z(FORM),
        cache_of_the_output,
    ),
    elsewhere={"Overflow and underflow": ("exp over one plus exp",)},
    hints=(
        "What does the formula give at 0? For a large positive number? For a large negative one?",
        "NumPy's exp takes whole arrays, and so do + and /: no loop is needed.",
        "The exponent is minus `Z`, and the sum under the fraction bar needs parentheses.",
    ),
)

PAGE = Page(
    terms=("sigmoid", "activation function", "saturation", "overflow"),
    mistakes=(
        "sign of the exponent",
        "brackets forgotten",
        "exp over one plus exp",
        "cache of the output",
    ),
    cases=({"Z": row_of(-2, 0, 2, 10)},),
    reading="The result is [0.5]{= A[0, 1] } at 0 and approaches 1 for large numbers. The "
    "first and the third value add up to [1]{= A[0, 0] + A[0, 2] }.",
)
