"""relu_backward: the gradient of ReLU."""

from dataclasses import replace
from typing import no_type_check

import numpy as np

from exercises import vectorized
from exercises.activations import (
    FAR,
    REST,
    VALUES,
    array_of_the_type_of_Z,
    backward_cases,
    divided_by_the_rows,
)
from exercises.cases import WHOLE
from exercises.page import Page
from nbexercise.defining.cases import Cases, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

FORM = "np.where(Z > 0, dA, 0)"
ALL = (VALUES, WHOLE, REST)


@no_type_check
def relu_backward(dA, cache):
    """
    Compute the gradient of the cost with respect to the input of relu.

    Arguments:
    dA -- gradient of the cost with respect to A, float array of the shape of A
    cache -- the tuple (Z,) that relu returned

    Returns:
    dZ -- gradient of the cost with respect to Z, array of the shape of Z
    """
    (Z,) = cache

    ### BEGIN SOLUTION
    dZ = np.where(Z > 0, dA, 0)
    ### END SOLUTION

    return dZ


def cases(rng: Rng) -> Cases:
    yield from backward_cases(rng, zero=False)


EXERCISE = Exercise(
    loops=relu_backward,
    vectorized=vectorized.relu_backward,
    title="ReLU, backward",
    assignment="activations",
    section="Derivatives of the activations",
    returns=(Return("dZ"),),
    cases=cases,
    checks=(
        Check("output shape", 1, "shape", groups=(VALUES, FAR)),
        Check(VALUES, 2, groups=(VALUES, FAR)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check(REST, 1, "unchanged", groups=(VALUES, FAR)),
    ),
    mistakes=(
        array_of_the_type_of_Z(FORM),
        Mistake(
            "everything passes",
            {FORM: "dA.copy()"},
            ALL,
            "The whole gradient passed, even where ReLU returned 0.",
            "If `Z` is -2 and grows a little, how does the output of ReLU change?",
        ),
        Mistake(
            "slope alone",
            {FORM: "(Z > 0) * 1.0"},
            ALL,
            "This is the derivative of ReLU alone: the upstream gradient, `dA`, is missing.",
            "The chain rule is a product of two numbers. Which two?",
        ),
        Mistake(
            "sign of the gradient",
            {FORM: "dA * (dA > 0)"},
            ALL,
            "The negative numbers of `dA` became 0, whatever the sign of `Z`.",
            "A gradient can be negative. Which array shows where ReLU kept its input?",
        ),
        Mistake(
            "Z instead of the slope",
            {FORM: "Z * (Z > 0)"},
            ALL,
            "This is the forward pass: where `Z` is positive, you return `Z` instead of `dA`.",
            "`dA` is passed backward; `Z` only decides where.",
        ),
        Mistake(
            "multiplied by the output",
            {FORM: "dA * Z * (Z > 0)"},
            ALL,
            "`dA` was multiplied by the output of ReLU instead of its derivative.",
            "What is the derivative of ReLU at `Z` = 3?",
        ),
        Mistake(
            "the other side",
            {FORM: "dA * (Z < 0)"},
            ALL,
            "The gradient passed where `Z` is negative, and was stopped where `Z` is positive.",
            "On which side of 0 does ReLU rise?",
        ),
        Mistake(
            "absolute value",
            {FORM: "dA * np.sign(Z)"},
            ALL,
            "Where `Z` is negative, `dZ` is `-dA`, as for the derivative of the absolute value.",
            "What is the derivative of ReLU at `Z` = -3?",
        ),
        Mistake(
            "leaky",
            {FORM: "np.where(Z > 0, dA, 0.01 * dA)"},
            ALL,
            "A fraction of the gradient passed where `Z` is negative: this is a leaky ReLU.",
            "What is the derivative of ReLU at `Z` = -3?",
        ),
        Mistake(
            "both positive",
            {FORM: "dA * (Z > 0) * (dA > 0)"},
            ALL,
            "The gradient passed only where `dA` is positive as well.",
            "A gradient can be negative. Which array alone determines the derivative of ReLU?",
        ),
        Mistake(
            "passed from 1 on",
            {FORM: "dA * (Z > 1)"},
            ALL,
            "Nothing passed where `Z` is between 0 and 1.",
            "From which number on does ReLU rise?",
        ),
        Mistake(
            "entries left out",
            {FORM: "dA[Z > 0]"},
            ("output shape", *ALL),
            "The entries where nothing passes were left out, so `dZ` has only one axis.",
            "`dZ` has the shape of `Z`, with 0 where nothing passes.",
        ),
        replace(divided_by_the_rows(FORM), fails=ALL),
        Mistake(
            "computed in place",
            {f"dZ = {FORM}": "dA[Z <= 0] = 0\n    dZ = dA"},
            (REST,),
            "`dA` itself was changed, but it belongs to the caller.",
            "Create a new array, or copy `dA` with `.copy()` first.",
        ),
    ),
    hints=(
        "What is the derivative of ReLU for positive inputs, and for negative ones?",
        "Comparing `Z` with 0 gives `True` and `False`, which count as 1 and 0 in a product.",
        "`dZ` is `dA` where `Z` is positive and 0 elsewhere, whatever the sign of `dA`.",
    ),
)

PAGE = Page(
    terms=("ReLU", "upstream gradient", "local gradient", "dead unit"),
    mistakes=(
        "everything passes",
        "slope alone",
        "sign of the gradient",
        "Z instead of the slope",
    ),
    cases=(
        {
            "dA": np.array([[1.0, -2.0], [3.0, 4.0]]),
            "cache": (np.array([[2.0, 3.0], [-1.0, -0.5]]),),
        },
    ),
    reading="In the first row `Z` is positive, and the gradient passes, including the negative "
    "number. In the second row `Z` is negative, and nothing passes.",
)
