"""Questions and answers of "How networks are trained today": read this when you are done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Checks, Design, Function, Prediction, Predictions
from lesson_tools.training_today.broken_scripts import CASES, broken
from nbexercise import CheckFailedError
from public_tests import check_answer

LETTERS = {
    "A": "The first loss is near 2.3, so the scale is right.",
    "B": "Then nothing at all would change. Does the loss of the batch move?",
    "C": "Too large a rate jumps in the first steps, too small a one creeps.",
    "D": "The loss of the batch does go to 0.",
    "E": "What does question 2 say? Leave the chart at the first question whose answer is no.",
    "F": "What does question 3 say? Leave the chart at the first question whose answer is no.",
}


def case(right: str, why: str, hint: str, **others: str) -> Prediction:
    """Return the question for the cause of a case; `others` replace comments on letters."""
    comments = {k: text for k, text in (LETTERS | others).items() if k != right}
    return Prediction(right=right, why=why, hint=hint, wrong=comments)


predict = Predictions(
    decayed=Prediction(
        right=lambda: float(0.999**1000),
        why="A thousand times a factor of 0.999 is about 1/e.",
        wrong={
            1: "Decay does not ask for a gradient. What does one step leave?",
            0: "Each step removes a thousandth of what is left, not of what was there at first.",
            0.9: "That is 1 - 0.1. A step leaves 1 - 0.01 * 0.1, and there are 1,000 of them.",
        },
        hint="A step leaves 1 - 0.01 * 0.1 = 0.999 of it.",
        decimals=1,
    ),
    norm=Prediction(
        right=32,
        why="Gamma and beta for each of the 16 channels.",
        wrong={
            16: "Each channel has a factor and a shift.",
            2: "That is per channel.",
            64: "The running averages are not trained.",
            0: "Normalization is followed by a factor and a shift, and both are trained.",
        },
        hint="Which two numbers per channel does batch normalization learn?",
    ),
    case_1=case(
        "B",
        "The loss of the batch is the same in every step.",
        "Read the two numbers in the left title.",
        C="Even the smallest rate would change the last digits. Read the left title.",
        D="It stops above 0, but it never moved. Read the left title.",
        E="Question 2 already says no.",
    ),
    case_2=case(
        "E",
        "One batch can be memorized, and there is no rule for all images.",
        "Questions 1 and 2 say yes. And question 3?",
        B="Without steps, one batch could not be memorized.",
        C="With such a rate, one batch could not be memorized.",
        F="Question 3 already says no: the training loss stays at 2.3.",
    ),
    case_3=case(
        "D",
        "The loss stops far above 0 even for 32 images, although most predictions are right.",
        "Question 1 says yes. Where does the curve on the left end, and how does it get there?",
        C="It neither jumps nor creeps: it falls at once, and stops.",
        E="Question 2 already says no: one batch stays above 1.5.",
        F="Question 2 already says no: one batch stays above 1.5.",
        B="The loss falls, so the steps do reach the parameters.",
    ),
    case_4=case(
        "F",
        "Questions 1 to 3 say yes, and the validation loss rises from the first epoch on.",
        "Look at the right panel, and at the accuracy in its title. What would guessing get?",
        E="The training loss falls to 0, so images and labels belong together in training.",
        B="The training loss falls.",
        C="The training loss falls.",
    ),
    case_5=case(
        "A",
        "The first loss is about 68.",
        "Read the two numbers in the left title.",
        C="The loss does jump. But which question of the chart comes first?",
        B="The loss does change, in the very first steps. Read the left title.",
        D="Question 1 already says no. Read the left title.",
        E="Question 1 already says no. Read the left title.",
        F="Question 1 already says no. Read the left title.",
    ),
    floor=Prediction(
        right=lambda: float(np.log(np.e + 9) - 1),
        why="Minus the logarithm of e / (e + 9).",
        wrong={
            0: "That would take a score that is larger than the others without limit.",
            1: "That is the difference of the scores. Apply softmax and minus the logarithm.",
            2.3: "That would be ten equal scores. One of them is 1.",
            0.23: "That is the probability of the correct class. Take minus its logarithm.",
        },
        hint="Apply softmax to (1, 0, ..., 0), with nine zeros.",
        decimals=2,
    ),
    factors=Prediction(
        right=(0.5, 0.5),
        why="Half of the warm-up, and half of the cosine.",
        wrong={
            (0.4, 0.5): "Steps are counted from 0, so step 4 is the fifth of ten.",
            (0.5, 0): "In the middle, the cosine is 0. What is (1 + 0) / 2?",
            (0.4, 0): "Steps are counted from 0. And in the middle, (1 + 0) / 2 is not 0.",
            (0.5, 0.43): "The cosine begins after the warm-up and lasts 100 steps.",
        },
        hint="(4 + 1) / 10; and cos(pi * 50 / 100) is 0.",
        decimals=2,
    ),
    smooth=Prediction(
        right=lambda: float(-0.91 * np.log(0.91) - 0.09 * np.log(0.01)),
        why="The entropy of the targets: the loss cannot get below it.",
        wrong={
            0: "That holds for a target of 1. Here wrong classes have a target, too.",
            0.1: "That is only the term of the correct class. The other nine are small targets "
            "with large logarithms.",
            2.3: "That is the loss of equal probabilities.",
        },
        hint="Insert p = q: one term with 0.91, and nine with 0.01.",
        decimals=1,
    ),
    clipped=Prediction(
        right=(0.6, 0.8),
        why="The direction stays, and the norm becomes 1.",
        wrong={
            (1, 1): "That clips each number on its own, and changes the direction.",
            (3, 4): "Its norm is 5, above the limit.",
            (0.75, 1): "That divides by the largest number. The norm is the root of 9 + 16.",
            (15, 20): "Divide by the norm instead of multiplying.",
        },
        hint="Divide by the norm, the root of 3 * 3 + 4 * 4.",
    ),
    flips=Prediction(
        right="b",
        why="A mirrored digit is another sign, or none.",
        wrong={
            "a": "A shifted 3 is still a 3.",
            "c": "People write at an angle. What about a mirror?",
        },
        hint="After which of them would you no longer call a 2 a 2?",
    ),
    stuck=Prediction(
        right=1,
        why="1.001 is rounded to 1, a thousand times.",
        wrong={
            2: "So it would be in float32. Which number is stored after the first step?",
            1.008: "Is 1.001 closer to 1 or to 1.008?",
            1.001: "That number cannot be stored in bfloat16. Which one is closest?",
        },
        hint="Which of 1 and 1.008 is closer to 1.001?",
    ),
)


def problem_of(given: Any) -> str:
    """Return the problem with a dict of repairs, by case; "" if there is none."""
    if not isinstance(given, dict):
        return "Keep `repairs` a dict of cases."
    for number in sorted(set(CASES) - {0}):
        repair = given.get(number)
        if repair is None:
            return f"Case {number} has no repair yet."
        problem = problem_of_case(number, repair)
        if problem:
            return f"Case {number}: {problem}"
    return ""


def problem_of_case(number: int, repair: Any) -> str:
    try:
        line, text = repair
        script = broken(number, {int(line): str(text)})
        untouched = script.network.parameters.copy()
        first = script.step(np.arange(32))
        if np.array_equal(untouched, script.network.parameters):
            return "a step still changes no parameter of the network."
        if first > 5:
            return f"the first loss is still {first:.0f}."
        loss, training, accuracy = trained(script)
    except Exception as error:  # in the line that the reader wrote
        return f"the repaired script raises {type(error).__name__}: {error}"
    if accuracy < 0.85:
        return f"after four epochs, the validation accuracy is {accuracy:.0%}."
    if training > 0.5:
        return f"after four epochs, the training loss is {training:.2f}."
    return "" if loss < 1 else f"after four epochs, the validation loss is {loss:.1f}."


def trained(script: Any) -> tuple[float, float, float]:
    """Train a script for four epochs; return the validation and training loss and the accuracy."""
    losses: list[float] = []
    for epoch in range(4):
        order = np.random.default_rng(epoch).permutation(len(script.images))
        losses = [script.step(order[k : k + 32]) for k in range(0, len(order), 32)]
    loss, accuracy = script.validate()
    return loss, float(np.mean(losses)), accuracy


@dataclass(frozen=True)
class Repairs(Design):
    """A dict of repairs, by case."""

    def check(self, title: str, given: Any) -> None:
        """Run the repaired scripts; without any repair, print where to write them."""
        if isinstance(given, dict) and not any(given.values()):
            return check_answer(title, None, 5)
        problem = self.problem(given)
        if problem:
            raise CheckFailedError(f"{title}: not yet.\n  {problem}")
        return check_answer(title, 5, 5)


RIGHT = {
    1: (5, "parameters = network.parameters"),
    2: (3, "images, labels = images[order], labels[order]"),
    3: (4, "network = Network(layers(), (8, 8, 1), seed=0)"),
    4: (19, "return evaluate(network, prepare(val_images), val_labels)"),
    5: (9, "return np.float32(raw / 255)"),
}


def trapezoid(step: int, steps: int, warm_up: int, decay: int) -> float:
    return min((step + 1) / warm_up, 1, (steps - step) / decay)


def clip(gradients: Sequence[Array], limit: float) -> list[Array]:
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * min(1, limit / norm) for g in gradients]


def clip_with(norm: Callable[[Sequence[Array]], Any], least: bool = True) -> Callable[..., Any]:
    """Return a function that clips by another norm, or also lengthens short gradients."""

    def clipped(gradients: Sequence[Array], limit: float) -> list[Array]:
        factor = limit / norm(gradients)
        return [g * (min(1, factor) if least else factor) for g in gradients]

    return clipped


def norm_of(gradients: Sequence[Array]) -> Any:
    return np.sqrt(sum(np.sum(g**2) for g in gradients))


check = Checks(
    repairs=Repairs(
        problem=problem_of,
        right=RIGHT,
        wrong=[
            (RIGHT | {1: None}, "Case 1 has no repair yet"),
            (RIGHT | {1: (6, "optimizer = SGD(3)")}, "changes no parameter"),
            (RIGHT | {2: (6, "optimizer = SGD(0.1)")}, "validation accuracy"),
            (RIGHT | {3: (6, "optimizer = SGD(0.3)")}, "Case 3: after four epochs"),
            (RIGHT | {4: (2, "order = np.arange(len(images))")}, "validation accuracy is"),
            (RIGHT | {5: (6, "optimizer = SGD(0.001)")}, "first loss is still"),
            (RIGHT | {5: (9, "return raw / ")}, "SyntaxError"),
            (RIGHT | {5: (90, "return raw")}, "IndexError"),
        ],
    ),
    trapezoid=Function(
        right=trapezoid,
        calls=[(step, 100, 10, 20) for step in (0, 4, 9, 10, 50, 79, 80, 81, 90, 99)],
        hint="Three straight lines: (step + 1) / warm_up, 1, and (steps - step) / decay. Which of "
        "them counts?",
        wrong=[
            (
                lambda step, steps, warm_up, decay: min(step / warm_up, 1, (steps - step) / decay),
                "The first step would do nothing: the warm-up begins with 1 / warm_up.",
            ),
            (
                lambda step, steps, warm_up, decay: min(
                    (step + 1) / warm_up, 1, (steps - 1 - step) / decay
                ),
                "The last step would do nothing: the factor reaches 0 after it.",
            ),
            (
                lambda step, steps, warm_up, decay: min((step + 1) / warm_up, 1),
                "The fall in the last steps is missing.",
            ),
            (
                lambda step, steps, warm_up, decay: min(
                    (step + 1) / warm_up, (steps - step) / decay
                ),
                "In between, the factor is 1.",
            ),
        ],
    ),
    clip_fixed=Function(
        right=clip,
        calls=[
            ([np.array([30.0, 40.0]), np.array([3.0])], 1),
            ([np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([12.0])], 2),
            ([np.array([0.3]), np.array([0.4])], 1),
        ],
        hint="All arrays are multiplied by one factor. Which norm belongs in it?",
        wrong=[
            (
                lambda gradients, limit: [g * min(1, limit / np.linalg.norm(g)) for g in gradients],
                "Each array still has its own factor, so the direction changes.",
            ),
            (
                clip_with(lambda gradients: sum(np.linalg.norm(g) for g in gradients)),
                "Norms do not add up: add the squares, then take the root.",
            ),
            (
                clip_with(lambda gradients: max(np.linalg.norm(g) for g in gradients)),
                "That is the norm of the longest array. All of them count.",
            ),
            (
                clip_with(norm_of, least=False),
                "A gradient shorter than the limit must stay as it is.",
            ),
            (
                clip_with(lambda gradients: norm_of(gradients) ** 2),
                "Take the square root of the sum of squares.",
            ),
        ],
    ),
)
