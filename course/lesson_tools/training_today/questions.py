"""Questions and answers of "How networks are trained today": read this when you are done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce, wraps
from typing import Any

import numpy as np

from convnet.training import evaluate
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
    case_1=case(
        "B",
        "The loss of the batch is the same in every step.",
        "Read the two numbers in the left title.",
        C="Even the smallest rate would change the last digits. Read the left title.",
        D="It stops above 0, but it never moved. Read the left title.",
        E="Question 2 already says no.",
        F="Question 2 already says no.",
    ),
    case_2=case(
        "D",
        "The loss stops far above 0 even for 32 images, although most predictions are right.",
        "Question 1 says yes. Where does the curve on the left end, and how does it get there?",
        C="It neither jumps nor creeps: it falls at once, and stops.",
        E="Question 2 already says no: one batch stays above 1.5.",
        F="Question 2 already says no: one batch stays above 1.5.",
        B="The loss falls, so the steps do reach the parameters.",
    ),
    case_3=case(
        "F",
        "Questions 1 to 3 say yes, and the validation loss rises from the first epoch on.",
        "Look at the right panel, and at the accuracy in its title. What would guessing get?",
        E="The training loss falls to 0, so images and labels belong together in training.",
        B="The training loss falls.",
        C="The training loss falls.",
    ),
    mean=Prediction(
        right="b",
        why="The mean position is minus the mean of the noise, whatever the rate.",
        wrong={
            "a": "That holds for the last position. Add up the update for all steps.",
            "c": "Add up the update for all steps. Where does the rate remain?",
        },
        hint="Add up the update for n steps and divide by the rate and by n.",
    ),
    share=Prediction(
        right=lambda: 0.999**456,
        why="456 factors of 0.999.",
        wrong={
            0: "One step keeps 0.999 of them. And 456 steps?",
            0.5: "Nearly: 1 - 456 / 1000 leaves out that each step keeps a share of what is left.",
            0.4: "That is what all steps put in. What is left of the initial weights?",
            1: "Each step does remove a thousandth.",
        },
        hint="Each step keeps the fraction 0.999 of what was there.",
        decimals=1,
    ),
    floor=Prediction(
        right=lambda: float(-0.7 * np.log(0.7) - 0.3 * np.log(0.3)),
        why="The entropy of the target: the loss cannot get below it.",
        wrong={
            0: "That holds for a target of 1. Insert p = q with 0.7 and 0.3.",
            0.4: "That is minus the logarithm of 0.7. Both classes have a target.",
            0.2: "That is only the term of the 3. Add that of the 8.",
            2.3: "That is the loss of ten equal probabilities.",
            0.9: "That is the base 2. Use the natural logarithm.",
        },
        hint="Insert p = q: a term with 0.7, and one with 0.3.",
        decimals=1,
    ),
)


def problem_of(given: Any) -> str:
    """Return the problem with a dict of repairs, by case; "" if there is none."""
    if not isinstance(given, dict):
        return "Keep `repairs` a dict of cases."
    for number in sorted(CASES):
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
        on_training, _ = evaluate(
            script.network, (script.images / 255).astype(np.float32), script.labels
        )
    except Exception as error:  # in the line that the reader wrote
        return f"the repaired script raises {type(error).__name__}: {error}"
    if loss == float(on_training):
        return "it validates on the training images."
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
            return check_answer(title, None, 3)
        problem = self.problem(given)
        if problem:
            raise CheckFailedError(f"{title}: not yet.\n  {problem}")
        return check_answer(title, 3, 3)


RIGHT = {
    1: (5, "parameters = network.parameters"),
    2: (4, "network = Network(layers(), (8, 8, 1), seed=0)"),
    3: (19, "return evaluate(network, prepare(val_images), val_labels)"),
}


def averaged(
    start: Callable[[Sequence[Any]], Any] = lambda values: 0,
    total: Callable[[float, int], float] = lambda decay, steps: 1 - decay**steps,
    own: Callable[[float], float] = lambda decay: 1 - decay,
) -> Callable[[Sequence[Any], float], Any]:
    """Return a function that averages values: by default, the right one.

    Parameters
    ----------
    start
        First average, from the values.
    total
        Divisor of the result, from the decay and the number of values.
    own
        Weight of a new value, from the decay.
    """

    def moving_average(values: Sequence[Any], decay: float) -> Any:
        average = start(values)
        for value in values:
            average = average + own(decay) * (value - average)
        return average / total(decay, len(values))

    return moving_average


def cutmix(
    images: Array,
    targets: Array,
    other: Array,
    row: int,
    column: int,
    size: int,
    share_of: Callable[[Array, int], float] = lambda inside, size: float(inside.mean()),
) -> tuple[Array, Array]:
    inside = np.zeros((*images.shape[1:3], 1), bool)
    inside[row : row + size, column : column + size] = True
    share = share_of(inside, size)
    return np.where(inside, images[other], images), (1 - share) * targets + share * targets[other]


def cutmix_with(share_of: Callable[[Array, int], float]) -> Callable[..., tuple[Array, Array]]:
    """Return CutMix with another share of the other image."""
    return partial(cutmix, share_of=share_of)


def cutmix_in_arguments(
    images: Array, targets: Array, other: Array, row: int, column: int, size: int
) -> tuple[Array, Array]:
    mixed, mixed_targets = cutmix(images, targets, other, row, column, size)
    images[...] = mixed
    return images, mixed_targets


def keeping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that raises an error if it changes its images or targets."""

    @wraps(function)
    def checked(images: Array, targets: Array, *others: Any) -> Any:
        before = images.copy(), targets.copy()
        result = function(images, targets, *others)
        if not (np.array_equal(before[0], images) and np.array_equal(before[1], targets)):
            raise ValueError("the arguments have changed")
        return result

    return checked


def cutmix_of_targets_only(images: Array, *arguments: Any) -> tuple[Array, Array]:
    return images, cutmix(images, *arguments)[1]


def cutmix_of_images_only(images: Array, targets: Array, *arguments: Any) -> tuple[Array, Array]:
    return cutmix(images, targets, *arguments)[0], targets


def cutmix_in_place(
    images: Array, targets: Array, other: Array, row: int, column: int, size: int
) -> tuple[Array, Array]:
    """Paste into one image after the other, so that later ones get what was pasted before."""
    mixed, mixed_targets = images.copy(), cutmix(images, targets, other, row, column, size)[1]
    for i, j in enumerate(other):
        mixed[i, row : row + size, column : column + size] = mixed[
            j, row : row + size, column : column + size
        ]
    return mixed, mixed_targets


def batch(shape: tuple[int, int, int], seed: int) -> tuple[Array, Array, Array]:
    """Return random images and targets, and a permutation that moves every image."""
    rng = np.random.default_rng(seed)
    images = rng.random((4, *shape))
    return images, np.eye(10)[rng.permutation(10)[:4]], np.array([1, 2, 3, 0])


check = Checks(
    repairs=Repairs(
        problem=problem_of,
        right=RIGHT,
        wrong=[
            (RIGHT | {1: None}, "Case 1 has no repair yet"),
            (RIGHT | {1: (6, "optimizer = SGD(3)")}, "changes no parameter"),
            (RIGHT | {2: (6, "optimizer = SGD(0.3)")}, "Case 2: after four epochs"),
            (RIGHT | {3: (2, "order = np.arange(len(images))")}, "validation accuracy is"),
            (
                RIGHT | {3: (19, "return evaluate(network, prepare(images), labels)")},
                "validates on the training images",
            ),
            (RIGHT | {3: (9, "return raw / ")}, "SyntaxError"),
            (RIGHT | {3: (90, "return raw")}, "IndexError"),
        ],
    ),
    moving_average=Function(
        right=averaged(),
        calls=[
            ([5.0], 0.9),
            ([1.0, 2.0, 4.0], 0.5),
            ([3.0] * 20, 0.99),
            ([np.array([1.0, -1.0]), np.array([2.0, 0.0])], 0.98),
        ],
        hint="Of equal values, the average is this value. What do the weights add up to?",
        wrong=[
            (
                averaged(total=lambda decay, steps: 1),
                "It is still too small: divide by the sum of the weights, 1 - decay**t.",
            ),
            (
                averaged(start=lambda values: values[0], total=lambda decay, steps: 1),
                "This starts at the first value, which keeps too large a weight. Start at 0.",
            ),
            (
                averaged(own=lambda decay: decay),
                "The new value gets the weight 1 - decay, the old average gets decay.",
            ),
            (
                averaged(total=lambda decay, steps: 1 - decay),
                "After t steps, the weights add up to 1 - decay**t.",
            ),
            (
                averaged(total=lambda decay, steps: 1 - decay ** (steps - 1) if steps > 1 else 1),
                "Count the steps again: with t values, divide by 1 - decay**t.",
            ),
            (
                lambda values, decay: sum(values) / len(values),
                "That is the plain mean. Later values should weigh more.",
            ),
            (
                lambda values, decay: reduce(
                    lambda mean, kv: (decay * mean + (1 - decay) * kv[1]) / (1 - decay ** kv[0]),
                    enumerate(values, 1),
                    0,
                ),
                "Divide once, after the loop: the next step needs the average before the division.",
            ),
            (
                lambda values, decay: averaged()(values[::-1], decay),
                "The last value should weigh most, and the first one least.",
            ),
        ],
    ),
    cutmix=Function(
        right=cutmix,
        calls=[
            (*batch((8, 8, 1), 0), 2, 3, 4),
            (*batch((8, 8, 1), 1), 6, 5, 4),
            (*batch((6, 10, 3), 2), 0, 0, 3),
            (*batch((6, 10, 3), 3), 1, 1, 20),
        ],
        wrap=keeping,
        hint="Rows are axis 1, columns axis 2. Which fraction of the pixels comes from the other "
        "image, after the square was cut off at the border?",
        wrong=[
            (
                cutmix_with(lambda inside, size: size**2 / inside.size),
                "At the border the square is cut off, so fewer pixels come from the other image.",
            ),
            (
                cutmix_with(lambda inside, size: 1 - float(inside.mean())),
                "The shares are swapped: the square belongs to the other image.",
            ),
            (
                cutmix_with(lambda inside, size: 0.5),
                "The share is the area of the square as a fraction of the image.",
            ),
            (cutmix_in_arguments, "Leave them unchanged: paste into `images.copy()`."),
            (cutmix_of_images_only, "The targets must be mixed, too."),
            (cutmix_of_targets_only, "The images must be mixed, too."),
            (
                cutmix_in_place,
                "A later image got a square that had been replaced before. Take all squares from "
                "the original images.",
            ),
        ],
    ),
)
