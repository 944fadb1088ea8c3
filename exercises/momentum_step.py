"""momentum_step: one step of gradient descent with momentum."""

import numpy as np

from exercises import lenet, vectorized
from exercises.cases import LARGE
from exercises.page import Page
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

V, W = "momentum * velocity + dw", "w - learning_rate * velocity"
FIRST, LATER, REST = "first step", "later steps", "input left alone"


def cases(rng: Rng) -> Cases:
    for group, shape, learning_rate, momentum, size in (
        (FIRST, (4,), 0.25, 0.5, 1),
        (LATER, (3,), 0.125, 0.75, 1),
        (LATER, (3,), 0.125, 0.75, 1),
        (LATER, (2, 3), 0.5, 0.875, LARGE),
        (LATER, (2, 2, 1, 3), 0.125, 0.75, 1),
        (LATER, (3, 2), 0.25, 0.0, 1),
    ):
        w, dw, velocity = (exact_fractions(rng, *shape) for _ in range(3))
        yield (
            group,
            {
                "w": w,
                "dw": size * dw,
                "velocity": np.zeros(shape) if group == FIRST else size * velocity,
                "learning_rate": learning_rate,
                "momentum": momentum,
            },
        )


EXERCISE = Exercise(
    loops=lenet.momentum_step,
    vectorized=vectorized.momentum_step,
    title="A step with momentum",
    assignment="lenet",
    section="Gradient descent with momentum",
    returns=(Return("w"), Return("velocity")),
    cases=cases,
    checks=(
        Check(FIRST, 1, groups=(FIRST,)),
        Check(LATER, 3, groups=(LATER,)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "up the hill",
            {W: "w + learning_rate * velocity"},
            (FIRST, LATER, REST),
            "The step goes along the gradient, which increases the loss.",
            "The gradient points in the direction in which the loss increases.",
        ),
        Mistake(
            "no learning rate",
            {W: "w - velocity"},
            (FIRST, LATER, REST),
            "The learning rate is not used.",
            "The step is the learning rate times the velocity.",
        ),
        Mistake(
            "momentum ignored",
            {V: "dw"},
            (LATER,),
            "The velocity is just the gradient; the previous velocity has no effect.",
            "A fraction of the old velocity is kept. Which argument is this fraction?",
        ),
        Mistake(
            "the whole velocity kept",
            {V: "velocity + dw"},
            (LATER,),
            "The whole old velocity is kept, so it grows without bound.",
            "A fraction of the old velocity is kept. Which argument is this fraction?",
        ),
        Mistake(
            "gradient weighted by 1 - momentum",
            {V: "momentum * velocity + (1 - momentum) * dw"},
            (FIRST, LATER, REST),
            (
                "The gradient is multiplied by `1 - momentum`: this is a running average, which "
                "is a different rule."
            ),
            "In this rule the whole gradient is added.",
        ),
        Mistake(
            "step with the old velocity",
            {f"velocity = {V}\n    w = {W}": f"w = {W}\n    velocity = {V}"},
            (FIRST, LATER, REST),
            "The parameter moves by the old velocity, without the current gradient.",
            "Compute the new velocity first, then the step.",
        ),
        Mistake(
            "step with the gradient",
            {W: "w - learning_rate * dw"},
            (LATER,),
            "The parameter moves by the gradient only; the velocity is computed but not used.",
            "The step is the learning rate times the new velocity.",
        ),
        Mistake(
            "learning rate in the velocity",
            {V: "momentum * velocity + learning_rate * dw", W: "w - velocity"},
            (FIRST, LATER, REST),
            "The velocity contains the learning rate.",
            "Read the two parts of the rule again: which one contains the learning rate?",
        ),
        Mistake(
            "learning rate in both places",
            {V: "momentum * velocity + learning_rate * dw"},
            (FIRST, LATER, REST),
            "The gradient is multiplied by the learning rate twice: in the velocity and in the "
            "step.",
            "Read the two parts of the rule again: which one contains the learning rate?",
        ),
        Mistake(
            "velocity times the learning rate as well",
            {V: f"learning_rate * ({V})"},
            (FIRST, LATER, REST),
            "The whole velocity is multiplied by the learning rate, and the step is multiplied by "
            "it again.",
            "Read the two parts of the rule again: which one contains the learning rate?",
        ),
        Mistake(
            "the rule of Keras",
            {V: "momentum * velocity - learning_rate * dw", W: "w + velocity"},
            (FIRST, LATER, REST),
            "This is the rule of Keras: its velocity contains the learning rate and the minus "
            "sign.",
            (
                "In the rule of this notebook, the velocity adds up gradients. What does `w` do "
                "with it?"
            ),
        ),
        Mistake(
            "the rule of Nesterov",
            {W: "w - learning_rate * (dw + momentum * velocity)"},
            (FIRST, LATER, REST),
            "This is the rule of Nesterov: `w` moves by the learning rate times the sum of `dw` "
            "and `momentum * velocity`, with the new velocity.",
            "In the rule of this notebook, `w` moves by the learning rate times the new velocity.",
        ),
        Mistake(
            "weights of an average exchanged",
            {V: "(1 - momentum) * velocity + momentum * dw"},
            (FIRST, LATER, REST),
            "The velocity is a running average with momentum as the weight of the gradient.",
            "A fraction of the old velocity is kept, and the whole gradient is added.",
        ),
        Mistake(
            "1 - momentum of the velocity kept",
            {V: "(1 - momentum) * velocity + dw"},
            (LATER,),
            "The fraction `1 - momentum` of the old velocity is kept.",
            "A fraction of the old velocity is kept. Which argument is this fraction?",
        ),
        Mistake(
            "momentum on the gradient",
            {V: "velocity + momentum * dw"},
            (FIRST, LATER, REST),
            "The momentum multiplies the gradient, not the old velocity.",
            "A fraction of the old velocity is kept, and the whole gradient is added.",
        ),
        Mistake(
            "momentum on both",
            {V: "momentum * (velocity + dw)"},
            (FIRST, LATER, REST),
            "The momentum multiplies the gradient as well as the old velocity.",
            "A fraction of the old velocity is kept, and the whole gradient is added.",
        ),
        Mistake(
            "gradient subtracted from the velocity",
            {V: "momentum * velocity - dw"},
            (FIRST, LATER, REST),
            "The gradient is subtracted from the velocity, and the step subtracts it again.",
            "In this rule the velocity adds up gradients; only the step has a minus sign.",
        ),
        Mistake(
            "minus sign in the velocity",
            {V: "momentum * velocity - dw", W: "w + learning_rate * velocity"},
            (FIRST, LATER, REST),
            "The velocity contains a minus sign.",
            (
                "In the rule of this notebook, the velocity adds up gradients. What does `w` do "
                "with it?"
            ),
        ),
        Mistake(
            "results swapped",
            {"return w, velocity": "return velocity, w"},
            (FIRST, LATER, REST),
            "The two results are in the wrong order: the velocity is returned first.",
            "The docstring lists the results in their order.",
        ),
    ),
    hints=(
        "Compute the new velocity first, then the step.",
        "The new velocity is a fraction of the old one plus the gradient.",
        "The new velocity is `momentum` times the old velocity, plus `dw`. The new `w` is the old "
        "`w` minus `learning_rate` times the new velocity.",
    ),
)

PAGE = Page(
    terms=("momentum", "gradient descent", "learning rate", "parameter"),
    mistakes=(
        "no learning rate",
        "momentum ignored",
        "step with the old velocity",
        "learning rate in the velocity",
        "gradient weighted by 1 - momentum",
    ),
    cases=(
        {
            "w": np.array([1.0, 1.0]),
            "dw": np.array([2.0, -1.0]),
            "velocity": np.array([0.0, 4.0]),
            "learning_rate": 0.5,
            "momentum": 0.5,
        },
    ),
    reading="The second parameter has a negative gradient but moves down, because half of its "
    "old velocity is kept: `0.5 * 4 - 1` = [1]{= velocity[1] }.",
)
