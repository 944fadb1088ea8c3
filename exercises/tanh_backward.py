"""tanh_backward: the gradient of the hyperbolic tangent."""

from typing import no_type_check

import numpy as np

from exercises.activations import (
    FAR,
    REST,
    VALUES,
    array_of_the_type_of_Z,
    backward_cases,
    divided_by_the_rows,
)
from exercises.cases import WHOLE
from exercises.page import Page, row_of
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

FORM = "dA * (1 - A**2)"
ALL = (VALUES, FAR, WHOLE, REST)


@no_type_check
def tanh_backward(dA, cache):
    """
    Compute the gradient of the cost with respect to the input of the hyperbolic tangent.

    Arguments:
    dA -- gradient of the cost with respect to A = tanh(Z), float array of the shape of A
    cache -- the tuple (Z,) of one float or integer array

    Returns:
    dZ -- gradient of the cost with respect to Z, array of the shape of Z
    """
    (Z,) = cache

    ### BEGIN SOLUTION
    A = np.tanh(Z)
    dZ = dA * (1 - A**2)
    ### END SOLUTION

    return dZ


EXERCISE = Exercise(
    loops=tanh_backward,
    vectorized=tanh_backward,
    title="Hyperbolic tangent, backward",
    assignment="activations",
    section="Derivatives of the activations",
    returns=(Return("dZ"),),
    cases=backward_cases,
    checks=(
        Check(VALUES, 2, groups=(VALUES,)),
        Check(FAR, 1, groups=(FAR,)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check(REST, 1, "unchanged", groups=(VALUES, FAR)),
    ),
    mistakes=(
        array_of_the_type_of_Z(FORM),
        Mistake(
            "slope alone",
            {FORM: "1 - A**2"},
            ALL,
            "This is the derivative of tanh alone: the upstream gradient, `dA`, is missing.",
            "The chain rule is a product of two numbers. Which two?",
        ),
        Mistake(
            "slope of the sigmoid",
            {FORM: "dA * A * (1 - A)"},
            ALL,
            "The derivative is `A` times `1 - A`, as for the sigmoid.",
            "At 0 the derivative of tanh is 1. What does your formula give there?",
        ),
        Mistake(
            "square forgotten",
            {FORM: "dA * (1 - A)"},
            ALL,
            "`A` is not squared, so the derivative is larger than 1 where `Z` is negative.",
            "The derivative of tanh is the same on both sides of 0. Which power of `A` is the "
            "same for `A` and `-A`?",
        ),
        Mistake(
            "bracket squared",
            {FORM: "dA * (1 - A) ** 2"},
            ALL,
            "The derivative is the square of `1 - A`, which is up to 4 where `Z` is negative.",
            "The derivative of tanh is the same on both sides of 0. Which number should be "
            "squared?",
        ),
        Mistake(
            "Z for A",
            {FORM: "dA * (1 - Z**2)"},
            ALL,
            "The derivative is computed from `Z` as if it were `A`, the tanh of `Z`.",
            "The cache holds the input of tanh. How do you get its output?",
        ),
        Mistake(
            "Z squared",
            {FORM: "dA * (1 - np.tanh(Z**2))"},
            ALL,
            (
                "This is 1 minus the tanh of `Z` squared: the square is taken before tanh, not "
                "after it."
            ),
            "The derivative is `1 - A**2`, with A the tanh of `Z`. Which comes first, tanh or the "
            "square?",
        ),
        Mistake(
            "square subtracted from the gradient",
            {FORM: "dA - A**2"},
            ALL,
            "The square of `A` is subtracted from `dA`, not from 1.",
            "By the chain rule, `dA` is multiplied by the derivative, which needs parentheses.",
        ),
        Mistake(
            "sign of the slope",
            {FORM: "dA * (A**2 - 1)"},
            ALL,
            "The sign is wrong: your derivative is negative everywhere.",
            "tanh rises everywhere. What is the sign of its derivative?",
        ),
        Mistake(
            "plus the square",
            {FORM: "dA * (1 + A**2)"},
            ALL,
            "The square was added to 1, so your derivative grows away from zero, where tanh is "
            "flat.",
            "Far from zero `A` is nearly 1 or -1. Which sign makes the derivative vanish there?",
        ),
        Mistake(
            "slope added",
            {FORM: "dA + 1 - A**2"},
            ALL,
            "The derivative was added to `dA`; by the chain rule, the two are multiplied.",
            "If the derivative is 0, what should `dZ` be?",
        ),
        Mistake(
            "tanh of the gradient",
            {"np.tanh(Z)": "np.tanh(dA)"},
            ALL,
            "The derivative is taken at `dA` instead of `Z`.",
            "The derivative is taken at the input of the forward pass. Which array holds that "
            "input?",
        ),
        Mistake(
            "exp overflows",
            {"np.tanh(Z)": "(np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))"},
            (FAR,),
            "Far from zero exp overflows to infinity, and infinity divided by infinity is nan.",
            "NumPy has a function for tanh that does not overflow.",
        ),
        Mistake(
            "forward pass",
            {FORM: "A"},
            ALL,
            "This is the output of tanh: neither its derivative nor `dA` is used.",
            "The chain rule is a product of two numbers. Which two?",
        ),
        divided_by_the_rows(FORM),
        Mistake(
            "computed in place",
            {f"dZ = {FORM}": "dA *= 1 - A**2\n    dZ = dA"},
            (REST,),
            "`dA` itself was changed, for example by `*=`, but it belongs to the caller.",
            "Which operator makes a new array, * or *=?",
        ),
    ),
    elsewhere={"Overflow and underflow": ("exp overflows",)},
    hints=(
        "What is the derivative of tanh at 0, and what is it far away from 0?",
        "The derivative can be written with `A`, the tanh of `Z`, alone: a parabola that is 0 at "
        "A = -1 and at A = 1.",
        "`np.tanh` gives A again. The derivative is 1 minus a power of `A`; multiply it by `dA`.",
    ),
)

PAGE = Page(
    terms=("tanh", "upstream gradient", "local gradient", "vanishing gradient"),
    mistakes=("slope alone", "square forgotten", "Z for A", "slope of the sigmoid"),
    cases=({"dA": row_of(1, 1, -2), "cache": (row_of(-1, 0, 1),)},),
    reading="At 0 the derivative is [1]{= dZ[0, 1] }, its largest value. At -1 and 1 it has "
    "the same value, so the third entry is -2 times the first one.",
)
