"""relu_backward: the gradient carried back through ReLU."""

from typing import no_type_check

import numpy as np

from exercises import vectorised
from exercises.activations import REST, VALUES, backward_cases
from exercises.cases import Cases, Rng
from exercises.exercise import Check, Exercise, Mistake, Return

FORM = "np.where(Z > 0, dA, 0)"
ALL = (VALUES, REST)


@no_type_check
def relu_backward(dA, cache):
    """
    Carry the gradient of the cost back through relu.

    Arguments:
    dA -- gradient of the cost with respect to A, array of the shape of A
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
    yield from backward_cases(rng, far=False)


EXERCISE = Exercise(
    loops=relu_backward,
    vectorised=vectorised.relu_backward,
    title="ReLU, backward",
    assignment="activations",
    section="Backwards through an activation",
    returns=(Return("dZ"),),
    cases=cases,
    checks=(Check("output shape", 1, "shape"), Check(VALUES, 3), Check(REST, 1, "unchanged")),
    mistakes=(
        Mistake(
            "everything passes",
            {FORM: "dA.copy()"},
            ALL,
            "The whole gradient came back, also where ReLU gave 0 whatever Z was.",
            "If Z is -2 and grows a little, what does the output of ReLU do?",
        ),
        Mistake(
            "slope alone",
            {FORM: "(Z > 0) * 1.0"},
            ALL,
            "This is the slope of ReLU alone: the gradient that came in, dA, is missing.",
            "The chain rule multiplies two numbers. Which two?",
        ),
        Mistake(
            "sign of the gradient",
            {FORM: "dA * (dA > 0)"},
            ALL,
            "The negative numbers of dA were dropped; what counts is the sign of Z.",
            "A gradient may well be negative. Which array says where ReLU let something through?",
        ),
        Mistake(
            "Z instead of the slope",
            {FORM: "Z * (Z > 0)"},
            ALL,
            "This is ReLU itself, forwards: where Z is positive, Z came back, and not dA.",
            "What goes backwards is dA; Z only decides where.",
        ),
        Mistake(
            "multiplied by the output",
            {FORM: "dA * Z * (Z > 0)"},
            ALL,
            "dA was multiplied by the output of ReLU, where it should be multiplied by its slope.",
            "How steep is ReLU at Z = 3?",
        ),
        Mistake(
            "the other side",
            {FORM: "dA * (Z < 0)"},
            ALL,
            "The gradient came back where Z is negative, and was stopped where it is positive.",
            "On which side of 0 does ReLU rise?",
        ),
        Mistake(
            "absolute value",
            {FORM: "dA * np.sign(Z)"},
            ALL,
            "Where Z is negative, dA came back with its sign turned: that is the slope of the "
            "absolute value.",
            "How steep is ReLU at Z = -3?",
        ),
        Mistake(
            "leaky",
            {FORM: "np.where(Z > 0, dA, 0.01 * dA)"},
            ALL,
            "A little of the gradient came back where Z is negative: that is a leaky ReLU.",
            "How steep is plain ReLU at Z = -3?",
        ),
        Mistake(
            "both positive",
            {FORM: "dA * (Z > 0) * (dA > 0)"},
            ALL,
            "The gradient came back only where dA is positive as well.",
            "A gradient may well be negative. On what alone does the slope of ReLU depend?",
        ),
        Mistake(
            "passed from 1 on",
            {FORM: "dA * (Z > 1)"},
            ALL,
            "Where Z lies between 0 and 1 nothing came back.",
            "From which number on does ReLU rise?",
        ),
        Mistake(
            "entries left out",
            {FORM: "dA[Z > 0]"},
            ("output shape", VALUES, REST),
            "The entries where nothing comes back were left out, so dZ has one axis.",
            "dZ has the shape of Z, with 0 where nothing comes back.",
        ),
        Mistake(
            "computed in place",
            {f"dZ = {FORM}": "dA[Z <= 0] = 0\n    dZ = dA"},
            (REST,),
            "dA itself was changed, and it belongs to the caller.",
            "Make a new array, or a copy made with .copy().",
        ),
    ),
    hints=(
        "How steep is ReLU on the right of 0, and how steep on the left?",
        "Comparing Z with 0 gives True and False, which count as 1 and 0 in a product.",
        "dZ is dA where Z is positive and 0 elsewhere, whatever the sign of dA.",
    ),
)
