"""Questions and answers of the lesson "Overfitting": read this when you are done."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    curve=Prediction(
        right="c",
        why="The network goes on to fit its training set, and with it the wrong labels.",
        wrong={
            "a": "For the training set, yes. Does everything that it learns help with new images?",
            "b": "The parameters keep changing, so the loss on new images keeps changing too.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    early=Prediction(
        right="few",
        why="The regularities that many images share are learned before the exceptions.",
        wrong={
            "half": "Fewer: a wrong label contradicts what the other images of its class teach.",
            "most": "Fewer: a wrong label contradicts what the other images of its class teach.",
        },
        hint='Answer "few", "half" or "most".',
    ),
    patience=Prediction(
        right=(7, 4),
        why="Epochs 5, 6 and 7 do not improve on the 0.52 of epoch 4.",
        wrong={
            (7, 5): "Epoch 5 has the loss 0.58. Which epoch has the lowest loss so far?",
            (7, 7): "Training stops there, but the best parameters are older.",
            (6, 4): "Epochs 5 and 6 are two without improvement. The patience is 3.",
            (6, 3): "Count the epochs from 1.",
            (8, 8): "The loss of epoch 8 is lower, but early stopping never gets there.",
            (7, 8): "Training stops before epoch 8.",
            (4, 4): "In epoch 4, the next losses are not known yet.",
            (5, 4): "Epoch 5 is the first one without improvement. The patience is 3.",
            (4, 7): "The right numbers in the wrong order.",
        },
        hint="The lowest loss so far is in epoch 4. Count three epochs without a lower one.",
    ),
    dropped=Prediction(
        right=(0, 0, 16, 0),
        why="What is kept is divided by 1 - 0.75, so the 4 counts four times.",
        wrong={
            (0, 0, 4, 0): "The mask is right. What is kept is divided by 1 - rate.",
            (0, 0, 1, 0): "What is kept is divided by 1 - rate, not multiplied.",
            (0, 0, 3, 0): "What is kept is divided by 1 - rate, not multiplied by the rate.",
            (0, 0, 8, 0): "That would be the rate 0.5.",
            (8, 4 / 3, 0, 8 / 3): "The mask is 1 where an activation is kept.",
            (24, 4, 0, 8): "The mask is 1 where an activation is kept.",
        },
        hint="Multiply by the mask, then divide by 1 - rate.",
    ),
    left=Prediction(
        right=lambda: ((1 - 0.005) ** 320, (1 - 0.00005) ** 320),
        why="0.995 and 0.99995 to the power of 320.",
        wrong={
            (0.8, 0.0): "That is what has gone. How much is left?",
            (1.0, 0.2): "The right numbers in the wrong order.",
            (0.0, 0.0): "A step with decay 1 removes 0.005 of the weight, not all of it.",
            (0.0, 1.0): "Each step removes 0.005 of what is left at that time.",
            (0.2, 0.2): "The second decay is a hundred times smaller.",
        },
        hint="A step multiplies the weight by 1 - learning_rate * decay. Take its 320th power.",
        decimals=1,
    ),
)


def stopped(losses: list[float], patience: int) -> tuple[int, int]:
    for epoch in range(1, len(losses) + 1):
        best = int(np.argmin(losses[:epoch])) + 1
        if epoch >= best + patience:
            return epoch, best
    return len(losses), best


def with_ties(losses: list[float], patience: int) -> tuple[int, int]:
    """Count an equal loss as an improvement."""
    for epoch in range(1, len(losses) + 1):
        best = epoch - int(np.argmin(losses[:epoch][::-1]))
        if epoch >= best + patience:
            return epoch, best
    return len(losses), best


def split(m: int, copies: int, n: int, seed: int) -> tuple[Array, Array]:
    numbers = np.random.default_rng(seed).permutation(m)
    return np.repeat(numbers[n:], copies), numbers[:n]


def split_buggy(m: int, copies: int, n: int, seed: int) -> tuple[Array, Array]:
    numbers = np.random.default_rng(seed).permutation(np.repeat(np.arange(m), copies))
    return numbers[n:], numbers[:n]


class Split(Function):
    """A split of images, judged by its numbers of images: any random one will do."""

    def check(self, title: str, given: Callable[..., Any]) -> None:
        """Check how many images are in each set, how many of them differ, and how many in both."""
        super().check(
            f"{title}: images in training, in validation, different ones in each, in both, fewest "
            "versions of a training image, images that exist",
            given,
        )


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function to return only the counts by which its split is judged."""

    @functools.wraps(function)
    def counts(m: int, copies: int, n: int, seed: int) -> tuple[int, ...] | None:
        training, validation = function(m, copies, n, seed)
        if training is None or validation is None:
            return None
        (one, versions), (other, _) = (
            np.unique(part, return_counts=True) for part in (training, validation)
        )
        both, known = np.intersect1d(one, other), np.isin(np.union1d(one, other), np.arange(m))
        fewest = int(versions.min(initial=len(training)))
        counted_sets = len(training), len(validation), len(one), len(other), len(both)
        return *counted_sets, fewest, int(known.sum())

    return counts


check = Checks(
    underfits=Answer(
        right="C",
        hint="A network that underfits has a high loss on its own training set.",
        wrong=[("B", "Its training loss is close to 0."), ("A", "Both of its losses end near 0.")],
    ),
    overfits=Answer(
        right="B",
        hint="Look for a gap between the two curves that grows.",
        wrong=[
            ("A", "There is a gap, but it is small and does not grow."),
            ("C", "There is hardly a gap yet."),
        ],
    ),
    early_stopping=Function(
        right=stopped,
        calls=[
            ([0.91, 0.70, 0.61, 0.52, 0.58, 0.55, 0.53, 0.49, 0.60], 3),
            ([0.9, 0.8, 0.7], 2),
            ([0.5, 0.5, 0.5, 0.4], 2),
            ([0.9, 0.5, 0.6, 0.7, 0.4, 0.5, 0.6], 1),
            ([0.9, 0.7, 0.8, 0.75, 0.6, 0.65, 0.7, 0.8], 3),
        ],
        hint="Keep the number of the best epoch so far. End if the present epoch is `patience` "
        "later.",
        wrong=[
            (
                lambda losses, patience: (len(losses), int(np.argmin(losses)) + 1),
                "This looks at all losses. Training ends before the later ones are known.",
            ),
            (
                lambda losses, patience: tuple(n - 1 for n in stopped(losses, patience)),
                "Both are one too small: count the epochs from 1.",
            ),
            (with_ties, "An equal loss is no improvement: it does not change the best epoch."),
            (
                lambda losses, patience: stopped(losses, patience + 1),
                "This waits for one epoch too many.",
            ),
            (
                lambda losses, patience: stopped(losses, patience)[::-1],
                "The right numbers in the wrong order.",
            ),
        ],
    ),
    split=Split(
        wrap=counted,
        right=split,
        calls=[(100, 4, 20, 0), (10, 1, 3, 1), (50, 9, 25, 2)],
        hint="Split the numbers of the images first. Then repeat those that are for training.",
        wrong=[
            (
                split_buggy,
                "This is the buggy version: shifted versions of one image are in both sets.",
            ),
            (
                lambda m, copies, n, seed: split(m, 1, n, seed),
                "The sets are disjoint. Each training image needs its copies.",
            ),
            (
                lambda *given: split(*given)[::-1],
                "The two sets are in the wrong order: the training set comes first.",
            ),
            (
                lambda m, copies, n, seed: (
                    split(m, copies, n, seed)[0],
                    np.repeat(split(m, copies, n, seed)[1], copies),
                ),
                "The validation images are not augmented: each of them once.",
            ),
        ],
    ),
)
