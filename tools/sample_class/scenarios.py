"""Scenarios: the ways in which a sample student solves an exercise, with the expected points."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exercises import vectorized
from nbexercise.checks import CASE_SETS
from nbexercise.defining.exercise import Check, Exercise, Mistake
from nbexercise.defining.source import function_source
from nbexercise.judging.calling import CaseRun
from nbexercise.judging.kinds import kind_of

__all__ = ["SCENARIOS", "Scenario", "mistake", "scenario_named"]


@dataclass(frozen=True)
class Scenario:
    """A way of solving, or not solving, one exercise in one submission.

    Answers in words and the training of LeNet belong to no exercise: their functions are called
    with None.

    Attributes
    ----------
    write
        Function from the exercise to the source of the solution cell; None keeps the released cell.
    points
        Function from the exercise to the expected points; None for manual grading.
    """

    name: str
    write: Callable[[Any], str] | None
    points: Callable[[Any], float | None]


def _full(exercise: Exercise) -> float:
    return exercise.points


def _none(exercise: Exercise) -> float:
    return 0


def _first(line: str) -> Callable[[Exercise], str]:
    """Return the loop implementation with an additional first statement."""

    def write(exercise: Exercise) -> str:
        signature, docstring, rest = exercise.solution_text().split('"""')
        return f'{signature}"""{docstring}"""\n    {line}{rest}'

    return write


@functools.cache
def mistake(name: str) -> Scenario:
    """Return the scenario of a known mistake of the exercise."""

    def find(exercise: Exercise) -> Mistake:
        return next(m for m in exercise.mistakes if m.name == name)

    def points(exercise: Exercise) -> float:
        lost = sum(c.points for c in exercise.checks if c.name in find(exercise).fails)
        return exercise.points - lost

    return Scenario(name, lambda exercise: exercise.solution_text(find(exercise)), points)


def _without_loops(exercise: Exercise) -> str:
    lines = exercise.solution_text().splitlines()
    start = lines.index("    for i in range(m):")
    end = next(i for i in range(start, len(lines)) if not lines[i])
    return "\n".join(lines[:start] + lines[end + 1 :])


def _zeros_points(exercise: Exercise) -> float:
    """Return the points for zeros of the right shapes with the notebook's cache."""
    runs = []
    for case in CASE_SETS[exercise.name].cases:
        zeros = {name: np.zeros(array.shape) for name, array in case.expected.values.items()}
        runs.append(CaseRun(case, replace(case.expected, values=zeros)))

    def passed(check: Check) -> bool:
        kind = kind_of(check)
        return not kind.beside_values and all(
            kind.is_right(check, run, exercise.tolerance)
            for run in runs
            if not check.groups or run.case.group in check.groups
        )

    return sum(check.points for check in exercise.checks if passed(check))


LOOPS = Scenario("right, with loops", lambda e: e.solution_text(), _full)
VECTORIZED = Scenario(
    "right, vectorized",
    lambda e: function_source(getattr(vectorized, e.name, e.vectorized)),
    _full,
)
PRINTS = Scenario("right, prints a lot", _first('print("called", "with " * 2000)'), _full)
WARNS = Scenario(
    "right, warns on stderr",
    _first(
        "import sys\n    import warnings\n\n"
        '    warnings.warn("this function is slow", stacklevel=2)\n'
        '    print("on stderr", file=sys.stderr)\n'
    ),
    _full,
)
FLOAT_OF_BIAS = Scenario(
    "right, float(b)", lambda e: e.solution_text().replace("b.item()", "float(b)"), _full
)
UNTOUCHED = Scenario("untouched", None, _none)
HALF = Scenario("half finished", _without_loops, _zeros_points)
NO_RETURN = Scenario(
    "return forgotten", lambda e: e.solution_text().rsplit("\n    return", 1)[0] + "\n", _none
)
SYNTAX = Scenario("syntax error", lambda e: e.solution_text().replace("):", ")", 1), _none)
EXCEPTION = Scenario(
    "exception",
    lambda e: e.solution_text().replace("\n    return ", "\n    return result, "),
    _none,
)
ENDLESS = Scenario("endless loop", _first("while True:\n        pass\n"), _none)
DELETED = Scenario("right, graded cell deleted", LOOPS.write, _full)
COPIED = Scenario("right, in a copy of the cell", LOOPS.write, _full)


# Answers in words, which are graded manually.


def _answer(name: str, text: str) -> Scenario:
    return Scenario(name, lambda _: text, lambda _: None)


GOOD_ANSWER = _answer(
    "a good answer",
    """\
1. **Any input size.** A fully connected layer after flattening has a weight for every pixel and
   channel, so its matrix fits one size of image. The 1x1 convolution has $n_{C_{prev}} \\cdot n_C$
   weights and uses them at every position: a 28 x 28 and a 64 x 64 image both work.
2. **Positions are kept.** The result is a map of scores, so we see *where* something was found.
3. **Fewer parameters.** From 6 channels to 3 units the 1x1 convolution has 21 parameters; on
   flattened 4 x 4 maps a fully connected layer has 291.""",
)
SHORT_ANSWER = _answer("a short answer", "It has fewer parameters and is faster.")
MISTAKEN_ANSWER = _answer(
    "a mistaken answer",
    "A 1x1 filter looks at the neighbors of a pixel, so it finds edges that a dense layer cannot.",
)


# The training of LeNet, which belongs to no exercise.

TRAINING = """\
trained, losses, accuracies = start_parameters(1), [], []
velocities = {{name: 0 * value for name, value in trained.items()}}
rng = np.random.default_rng(1)
for epoch in range({epochs}):
    order = rng.permutation({images})
    for batch in np.split(order, len(order) // 30):
        loss, gradients = lenet_gradients(train_images[batch], train_labels[batch], trained)
        for name, gradient in gradients.items():
            trained[name], velocities[name] = momentum_step(
                trained[name], gradient, velocities[name], 0.01, 0.9
            )
    losses.append(loss)
    accuracies.append(accuracy(test_images, test_labels, trained))
"""


def _trained(name: str, points: float, epochs: int, images: int = 1500) -> Scenario:
    text = TRAINING.format(epochs=epochs, images=images)
    return Scenario(name, lambda _: text, lambda _: points)


TRAINED = _trained("trained", 10, 3)
TRAINED_ON_A_FEW = _trained("trained on 120 images", 4, 10, images=120)
NOT_TRAINED = Scenario("not trained", lambda _: "trained = start_parameters(1)", lambda _: 0)


SCENARIOS = {one.name: one for one in list(globals().values()) if isinstance(one, Scenario)}


def scenario_named(name: str) -> Scenario:
    """Return the scenario with a name, which may be the name of a known mistake."""
    return SCENARIOS.get(name) or mistake(name)
