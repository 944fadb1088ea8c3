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
    section="One step",
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
            "The step goes along the gradient, to where the loss is larger.",
            "The gradient points to where the loss grows.",
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
            "The velocity is the gradient alone; what it was before is forgotten.",
            "A part of the old velocity is kept. Which argument says how much?",
        ),
        Mistake(
            "the whole velocity kept",
            {V: "velocity + dw"},
            (LATER,),
            "The old velocity is kept whole, and grows without end.",
            "A part of the old velocity is kept. Which argument says how much?",
        ),
        Mistake(
            "gradient weighted by 1 - momentum",
            {V: "momentum * velocity + (1 - momentum) * dw"},
            (FIRST, LATER, REST),
            "The gradient is weighted by 1 - momentum: a running average, which is another rule.",
            "In this rule the whole gradient is added.",
        ),
        Mistake(
            "step with the old velocity",
            {f"velocity = {V}\n    w = {W}": f"w = {W}\n    velocity = {V}"},
            (FIRST, LATER, REST),
            "The parameter moves by the velocity from before this gradient was added.",
            "The velocity comes first, and then the step.",
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
            "The learning rate is in the velocity, which here is counted in gradients.",
            "Compare with the formula: where does the learning rate stand?",
        ),
    ),
    hints=(
        "First the new velocity, then the step that it makes.",
        "The new velocity keeps a part of the old one, momentum, and adds the gradient.",
        "velocity is momentum times velocity, plus dw; then w is w minus the learning rate times "
        "velocity.",
    ),
)
