"""tanh_backward: the gradient carried back through the hyperbolic tangent."""

from typing import no_type_check

import numpy as np

from exercises.activations import FAR, REST, VALUES, backward_cases
from exercises.exercise import Check, Exercise, Mistake, Return

FORM = "dA * (1 - A**2)"
ALL = (VALUES, FAR, REST)


@no_type_check
def tanh_backward(dA, cache):
    """
    Carry the gradient of the cost back through the hyperbolic tangent.

    Arguments:
    dA -- gradient of the cost with respect to A = tanh(Z), array of the shape of A
    cache -- the tuple (Z,)

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
    vectorised=tanh_backward,
    title="Hyperbolic tangent, backward",
    assignment="activations",
    section="Backwards through an activation",
    returns=(Return("dZ"),),
    cases=backward_cases,
    checks=(
        Check(VALUES, 3, groups=(VALUES,)),
        Check(FAR, 1, groups=(FAR,)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "slope alone",
            {FORM: "1 - A**2"},
            ALL,
            "This is the slope of tanh alone: the gradient that came in, dA, is missing.",
            "The chain rule multiplies two numbers. Which two?",
        ),
        Mistake(
            "slope of the sigmoid",
            {FORM: "dA * A * (1 - A)"},
            ALL,
            "The slope is written as that of the sigmoid, A times 1 - A.",
            "At 0 the slope of tanh is 1. What does your formula give there?",
        ),
        Mistake(
            "square forgotten",
            {FORM: "dA * (1 - A)"},
            ALL,
            "A is not squared: on the negative side the slope comes out larger than 1.",
            "tanh is equally steep on both sides of 0. Which power of A is the same for A and -A?",
        ),
        Mistake(
            "Z for A",
            {FORM: "dA * (1 - Z**2)"},
            ALL,
            "The formula of the slope was filled with Z, where it needs A, the tanh of Z.",
            "The cache holds what went into tanh. What came out of it?",
        ),
        Mistake(
            "sign of the slope",
            {FORM: "dA * (A**2 - 1)"},
            ALL,
            "The sign is wrong: the slope comes out negative everywhere.",
            "tanh rises everywhere. Which sign has its slope?",
        ),
        Mistake(
            "plus the square",
            {FORM: "dA * (1 + A**2)"},
            ALL,
            "The square was added to 1, so the slope grows away from zero, where tanh is flat.",
            "Far from zero A is nearly 1 or -1. Which sign makes the slope vanish there?",
        ),
        Mistake(
            "slope added",
            {FORM: "dA + 1 - A**2"},
            ALL,
            "The slope was added to dA; the chain rule multiplies.",
            "If the slope is 0, what reaches Z?",
        ),
        Mistake(
            "tanh of the gradient",
            {"np.tanh(Z)": "np.tanh(dA)"},
            ALL,
            "tanh was taken of dA, where it should be taken of Z.",
            "The slope is that at the point where the forward pass was. Which array holds it?",
        ),
        Mistake(
            "exp overflows",
            {"np.tanh(Z)": "(np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))"},
            (FAR,),
            "Far from zero exp overflows to infinity, and infinity divided by infinity is nan.",
            "NumPy has a function for tanh that does not overflow.",
        ),
        Mistake(
            "computed in place",
            {f"dZ = {FORM}": "dA *= 1 - A**2\n    dZ = dA"},
            (REST,),
            "dA itself was changed, as by *=, and it belongs to the caller.",
            "Which operator makes a new array, * or *=?",
        ),
    ),
    elsewhere={"When exp overflows": ("exp overflows",)},
    hints=(
        "How steep is tanh at 0, and how steep far away from it?",
        "The slope can be written with A alone, the tanh of Z; the text has the formula.",
        "np.tanh gives A again. The slope is 1 less a power of A, and it is multiplied by dA.",
    ),
)
