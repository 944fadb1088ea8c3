"""momentum_step: one step of gradient descent with momentum."""

from exercises import lenet, vectorised
from exercises.cases import Cases, Rng, exact_fractions
from exercises.exercise import Check, Exercise, Mistake, Return

V, W = "momentum * velocity + dw", "w - learning_rate * velocity"
FIRST, LATER, REST = "first step", "later steps", "input left alone"


def cases(rng: Rng) -> Cases:
    for group, shape in (
        *((FIRST, (4,)), (LATER, (3,)), (LATER, (3,))),
        *((LATER, (2, 3)), (LATER, (2, 2, 1, 3))),
    ):
        first = group == FIRST
        yield (
            group,
            {
                "w": exact_fractions(rng, *shape),
                "dw": exact_fractions(rng, *shape),
                "velocity": 0 * exact_fractions(rng, *shape) + 0
                if first
                else exact_fractions(rng, *shape),
                "learning_rate": 0.25 if first else 0.125,
                "momentum": 0.5 if first else 0.75,
            },
        )


EXERCISE = Exercise(
    loops=lenet.momentum_step,
    vectorised=vectorised.momentum_step,
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
            "The velocity is the gradient alone; the previous velocity has no effect.",
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
            "The gradient is multiplied by 1 - momentum: this is a running average, another rule.",
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
            "The parameter moves by the gradient alone; the velocity is computed and not used.",
            "The step is the learning rate times the new velocity.",
        ),
        Mistake(
            "learning rate in the velocity",
            {V: "momentum * velocity + learning_rate * dw", W: "w - velocity"},
            (FIRST, LATER, REST),
            "The velocity contains the learning rate; here it belongs in the step of w only.",
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
            "The whole velocity is multiplied by the learning rate, and the step once more.",
            "Read the two parts of the rule again: which one contains the learning rate?",
        ),
        Mistake(
            "the rule of Keras",
            {V: "momentum * velocity - learning_rate * dw", W: "w + velocity"},
            (FIRST, LATER, REST),
            "This is the rule of Keras: its velocity contains the learning rate and the minus "
            "sign.",
            "In the rule of this notebook, the velocity adds up gradients. What does w do with it?",
        ),
    ),
    hints=(
        "Compute the new velocity first, then the step.",
        "The new velocity is a fraction of the old one plus the gradient.",
        "velocity is momentum times velocity, plus dw; then w is w minus the learning rate times "
        "velocity.",
    ),
)
