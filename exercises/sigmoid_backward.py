"""sigmoid_backward: the gradient carried back through the sigmoid."""

from typing import no_type_check

from exercises.activations import FAR, REST, VALUES, backward_cases
from exercises.exercise import Check, Exercise, Mistake, Return
from exercises.sigmoid import sigmoid

FORM = "dA * A * (1 - A)"
ALL = (VALUES, FAR, REST)


@no_type_check
def sigmoid_backward(dA, cache):
    """
    Carry the gradient of the cost back through sigmoid.

    Arguments:
    dA -- gradient of the cost with respect to A, array of the shape of A
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
    vectorised=sigmoid_backward,
    title="Sigmoid, backward",
    assignment="activations",
    section="Backwards through an activation",
    returns=(Return("dZ"),),
    cases=backward_cases,
    helpers={"sigmoid": sigmoid},
    checks=(
        Check(VALUES, 3, groups=(VALUES,)),
        Check(FAR, 1, groups=(FAR,)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "slope alone",
            {FORM: "A * (1 - A)"},
            ALL,
            "This is the slope of the sigmoid alone: the gradient that came in, dA, is missing.",
            "The chain rule multiplies two numbers. Which two?",
        ),
        Mistake(
            "second factor forgotten",
            {FORM: "dA * A"},
            ALL,
            "The factor 1 - A is missing from the slope.",
            "Where the sigmoid is flat, near 1, what should come back? What does your formula "
            "give?",
        ),
        Mistake(
            "first factor forgotten",
            {FORM: "dA * (1 - A)"},
            ALL,
            "The factor A is missing from the slope.",
            "Where the sigmoid is flat, near 0, what should come back? What does your formula "
            "give?",
        ),
        Mistake(
            "Z for A",
            {FORM: "dA * Z * (1 - Z)"},
            ALL,
            "The formula of the slope was filled with Z, where it needs A, the sigmoid of Z.",
            "The cache holds what went into the sigmoid. What came out of it?",
        ),
        Mistake(
            "sign of the second factor",
            {FORM: "dA * A * (A - 1)"},
            ALL,
            "The sign is wrong: the factor is A - 1, which is negative everywhere.",
            "The sigmoid rises everywhere. Which sign has its slope?",
        ),
        Mistake(
            "slope of tanh",
            {FORM: "dA * (1 - A**2)"},
            ALL,
            "The slope is that of tanh, 1 minus the square of A.",
            "At 0 the slope of the sigmoid is 0.25. What does your formula give there?",
        ),
        Mistake(
            "slope added",
            {FORM: "dA + A * (1 - A)"},
            ALL,
            "The slope was added to dA; the chain rule multiplies.",
            "If the slope is 0, what reaches Z?",
        ),
        Mistake(
            "sigmoid of the gradient",
            {"A, _ = sigmoid(Z)": "A, _ = sigmoid(dA)"},
            ALL,
            "The sigmoid was taken of dA, where it should be taken of Z.",
            "The slope is that at the point where the forward pass was. Which array holds it?",
        ),
        Mistake(
            "exp overflows",
            {"A, _ = sigmoid(Z)": "E = np.exp(Z)", FORM: "dA * E / (1 + E) ** 2"},
            (FAR,),
            "For large numbers exp overflows to infinity, and infinity divided by infinity is nan.",
            "Write the slope with A, which lies between 0 and 1, and without another exp.",
        ),
        Mistake(
            "computed in place",
            {f"dZ = {FORM}": "dA *= A * (1 - A)\n    dZ = dA"},
            (REST,),
            "dA itself was changed, as by *=, and it belongs to the caller.",
            "Which operator makes a new array, * or *=?",
        ),
    ),
    elsewhere={"When exp overflows": ("exp overflows",)},
    hints=(
        "How steep is the sigmoid at 0, and how steep far away from it?",
        "The slope can be written with A alone, the sigmoid of Z; the text has the formula.",
        "Call sigmoid on Z to have A again. Three factors make dZ: the gradient that came in, "
        "and two made of A.",
    ),
)
