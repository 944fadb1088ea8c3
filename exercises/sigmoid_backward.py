"""sigmoid_backward: the gradient of the sigmoid."""

from typing import no_type_check

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
from exercises.sigmoid import sigmoid
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

FORM = "dA * A * (1 - A)"
ALL = (VALUES, FAR, WHOLE, REST)


@no_type_check
def sigmoid_backward(dA, cache):
    """
    Compute the gradient of the cost with respect to the input of sigmoid.

    Arguments:
    dA -- gradient of the cost with respect to A, float array of the shape of A
    cache -- the tuple (Z,) that sigmoid returned

    Returns:
    dZ -- gradient of the cost with respect to Z, array of the shape of Z
    """
    (Z,) = cache

    ### BEGIN SOLUTION
    A, _ = sigmoid(Z)
    dZ = dA * A * (1 - A)
    ### END SOLUTION

    return dZ


EXERCISE = Exercise(
    loops=sigmoid_backward,
    vectorized=sigmoid_backward,
    title="Sigmoid, backward",
    assignment="activations",
    section="Derivatives of the activations",
    returns=(Return("dZ"),),
    cases=backward_cases,
    helpers={"sigmoid": sigmoid},
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
            {FORM: "A * (1 - A)"},
            ALL,
            "This is the derivative of the sigmoid alone: the upstream gradient, `dA`, is missing.",
            "The chain rule is a product of two numbers. Which two?",
        ),
        Mistake(
            "second factor forgotten",
            {FORM: "dA * A"},
            ALL,
            "A factor of the derivative is missing, so it does not vanish where the sigmoid is "
            "near 1.",
            "Where the sigmoid is flat, near 1, how large should `dZ` be? What does your formula "
            "give?",
        ),
        Mistake(
            "first factor forgotten",
            {FORM: "dA * (1 - A)"},
            ALL,
            "A factor of the derivative is missing, so it does not vanish where the sigmoid is "
            "near 0.",
            "Where the sigmoid is flat, near 0, how large should `dZ` be? What does your formula "
            "give?",
        ),
        Mistake(
            "Z for A",
            {FORM: "dA * Z * (1 - Z)"},
            ALL,
            "The derivative is computed from `Z` as if it were `A`, the sigmoid of `Z`.",
            "The cache holds the input of the sigmoid. How do you get its output?",
        ),
        Mistake(
            "sign of the second factor",
            {FORM: "dA * A * (A - 1)"},
            ALL,
            "The sign is wrong: your derivative is negative everywhere.",
            "The sigmoid rises everywhere. What is the sign of its derivative?",
        ),
        Mistake(
            "slope of tanh",
            {FORM: "dA * (1 - A**2)"},
            ALL,
            "The derivative is 1 minus the square of `A`, as for tanh.",
            "At 0 the derivative of the sigmoid is 0.25. What does your formula give there?",
        ),
        Mistake(
            "derivative of tanh",
            {FORM: "dA * (1 - np.tanh(Z) ** 2)"},
            ALL,
            "This is the derivative of tanh.",
            "At 0 the derivative of the sigmoid is 0.25. What does your formula give there?",
        ),
        Mistake(
            "slope added",
            {FORM: "dA + A * (1 - A)"},
            ALL,
            "The derivative was added to `dA`; by the chain rule, the two are multiplied.",
            "If the derivative is 0, what should `dZ` be?",
        ),
        Mistake(
            "sigmoid of the gradient",
            {"A, _ = sigmoid(Z)": "A, _ = sigmoid(dA)"},
            ALL,
            "The derivative is taken at `dA` instead of `Z`.",
            "The derivative is taken at the input of the forward pass. Which array holds that "
            "input?",
        ),
        Mistake(
            "sigmoid of the product",
            {"A, _ = sigmoid(Z)": "A, _ = sigmoid(Z * (1 - Z))", FORM: "dA * A"},
            ALL,
            "You took the sigmoid of `Z * (1 - Z)`, but the derivative is `A * (1 - A)`, with A "
            "the sigmoid of `Z`.",
            "Which comes first, the sigmoid or the product?",
        ),
        Mistake(
            "exp overflows",
            {"A, _ = sigmoid(Z)": "E = np.exp(Z)", FORM: "dA * E / (1 + E) ** 2"},
            (FAR,),
            "For large numbers exp overflows to infinity, and infinity divided by infinity is nan.",
            (
                "Write the derivative in terms of `A`, which lies between 0 and 1, without another "
                "exp."
            ),
        ),
        Mistake(
            "forward pass",
            {FORM: "A"},
            ALL,
            "This is the output of sigmoid: neither its derivative nor `dA` is used.",
            "The chain rule is a product of two numbers. Which two?",
        ),
        divided_by_the_rows(FORM),
        Mistake(
            "computed in place",
            {f"dZ = {FORM}": "dA *= A * (1 - A)\n    dZ = dA"},
            (REST,),
            "`dA` itself was changed, for example by `*=`, but it belongs to the caller.",
            "Which operator makes a new array, * or *=?",
        ),
    ),
    elsewhere={"Overflow and underflow": ("exp overflows",)},
    hints=(
        "What is the derivative of the sigmoid at 0, and what is it far away from 0?",
        "The derivative can be written with `A`, the sigmoid of `Z`, alone: a parabola that is 0 "
        "at A = 0 and at A = 1.",
        "Call sigmoid on `Z` to get A again. `dZ` is a product of three factors: the upstream "
        "gradient and two that contain `A`.",
    ),
)

PAGE = Page(
    terms=("upstream gradient", "local gradient", "chain rule", "vanishing gradient"),
    mistakes=("slope alone", "Z for A", "second factor forgotten", "slope of tanh"),
    cases=({"dA": row_of(1, 1, -2), "cache": (row_of(-2, 0, 2),)},),
    reading="At 0 the derivative is [0.25]{= dZ[0, 1] }, its largest value. At -2 and 2 it has "
    "the same value, so the third entry is -2 times the first one.",
)
