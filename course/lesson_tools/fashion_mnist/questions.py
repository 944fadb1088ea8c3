"""Questions and exercises of the lesson "Fashion-MNIST": read this when you are done."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.fashion import fashion_sample
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    shirts=Prediction(
        right="c",
        why="Shirts are the class with the lowest recall: three in ten are missed.",
        wrong={
            "a": "Some classes are as easy as that, but look at the first figure: what do shirts "
            "look like at 28 x 28 pixels?",
            "b": "An accuracy is a mean over classes. Is a shirt as easy as the average class?",
        },
        hint='Answer "a", "b" or "c".',
    ),
    macs=Prediction(
        right="b",
        why="A weight of a kernel is used at every position of a map, one of a dense layer once.",
        wrong={
            "a": "The parameters are about as many. How often is each of them used?",
            "c": "That would take larger maps. On how many positions do the kernels of the last "
            "block run?",
        },
        hint="The first convolution runs at 28 x 28 positions, the first block at 14 x 14, then "
        "7 x 7 and 3 x 3. How many weights does each have?",
    ),
    schedule=Prediction(
        right=(0.016, 0),
        why="Half of the warm-up, and all of the cosine.",
        wrong={
            (0.032, 0): "The warm-up takes 2 of 15 epochs, and only 1 of them is over.",
            (0.016, 0.032): "At which rate does a cosine schedule end?",
            (0, 0): "The rate begins at 0. After 1 of 2 epochs it is on its way.",
            (0.016, 0.016): "At which rate does a cosine schedule end?",
        },
        hint="A straight line from 0 to 0.032 over 2 epochs; then a cosine to 0 at epoch 15.",
    ),
    steps=Prediction(
        right="c",
        why="The schedule gains 2.6 points, twice as much as the other two together.",
        wrong={
            "a": "After one epoch, yes. But a network that learns more slowly can catch up in 15.",
            "b": "On photographs, yes. Here, the blocks gain less than a point.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    flips=Prediction(
        right="b",
        why="A cat can face either way and stand anywhere. Here, items are centered, "
        "and most shoes face left.",
        wrong={
            "a": "Do flips and shifts make images that the test set of Fashion-MNIST contains?",
            "c": "In CIFAR-10, a car can face either way and stand anywhere. Does it help to have "
            "seen that?",
        },
        hint='Answer "a", "b" or "c".',
    ),
)

Runs = list[tuple[list[float], float]]


def recall_and_precision(counts: Array) -> tuple[Array, Array]:
    correct = np.diag(counts)
    return correct / counts.sum(axis=1), correct / np.maximum(counts.sum(axis=0), 1)


def undefined(counts: Array) -> tuple[Array, Array]:
    """Return the pair without the special case of a class that is never predicted."""
    with np.errstate(invalid="ignore"):
        return np.diag(counts) / counts.sum(axis=1), np.diag(counts) / counts.sum(axis=0)


def report(
    runs: Runs, chooser: Callable[[Any], float] = lambda run: float(np.mean(run[0][-3:]))
) -> float:
    return max(runs, key=chooser)[1]


RUNS: list[Runs] = [
    [  # the best single epoch, the last epoch and the best test accuracy belong to other runs
        ([0.80, 0.90, 0.89, 0.90], 0.891),
        ([0.80, 0.95, 0.85, 0.88], 0.884),
        ([0.85, 0.86, 0.84, 0.92], 0.902),
        ([0.93, 0.80, 0.88, 0.89], 0.910),
    ],
    [  # the median, the last two epochs and the first three choose other runs
        ([0.87, 0.93, 0.89, 0.87, 0.79], 0.86),
        ([0.90, 0.92, 0.85, 0.86, 0.85], 0.87),
        ([0.84, 0.86, 0.87, 0.86, 0.84], 0.88),
        ([0.88, 0.89, 0.79, 0.85, 0.80], 0.85),
    ],
    [([0.1, 0.2, 0.3], 0.25)],
]

check = Checks(
    recall_and_precision=Function(
        right=recall_and_precision,
        calls=[
            (np.array([[9, 1, 0], [0, 7, 3], [0, 2, 8]]),),
            (np.array([[8, 0, 2], [1, 0, 9], [0, 0, 20]]),),
            (fashion_sample().counts,),
        ],
        hint="Both divide the diagonal: recall by the sums of the rows, precision by those of the "
        "columns.",
        wrong=[
            (
                lambda counts: recall_and_precision(counts)[::-1],
                "Recall and precision are exchanged.",
            ),
            (lambda counts: undefined(counts)[::-1], "Recall and precision are exchanged."),
            (
                lambda counts: recall_and_precision(counts)[0],
                "That is the recall alone. Return a pair of arrays.",
            ),
            (
                lambda counts: recall_and_precision(counts)[1],
                "That is the precision alone. Return a pair.",
            ),
            (
                lambda counts: tuple(values.mean() for values in recall_and_precision(counts)),
                "These are means over the classes. Each class has a value of its own.",
            ),
            (undefined, "A class that is never predicted gives 0 / 0. Its precision should be 0."),
            (
                lambda counts: (recall_and_precision(counts)[0],) * 2,
                "Both results are recalls. Which sum does the precision divide by?",
            ),
            (
                lambda counts: (np.diag(counts) / counts.sum(),) * 2,
                "Divide by the sum of a row or a column, not by the number of all images.",
            ),
        ],
    ),
    published_model=Answer(
        right=(2048, 1588490),
        hint="Sizes: 28, 26, 24, pooled 12, and so on. A layer with k x k kernels has "
        "(k * k * n_in + 1) * n_out parameters.",
        wrong=[
            (
                (25088, 1818890),
                "That is the network with same padding. Without padding, a 3 x 3 convolution makes "
                "a map two rows smaller.",
            ),
            (
                (2048, 1587488),
                "The first number is right. The parameters lack the biases, one for each filter "
                "and each output.",
            ),
            (
                (512, 1573130),
                "The dense layer takes all values of the last map, not one for each channel.",
            ),
            ((2048, 1568000), "The convolutions are right. The dense layer has parameters, too."),
        ],
    ),
    report=Function(
        right=report,
        calls=[(runs,) for runs in RUNS],
        hint="First choose a run by its validation accuracies alone. Then read its test accuracy.",
        wrong=[
            (
                lambda runs: max(test for _, test in runs),
                "That is the best test accuracy. The test images must not choose the run.",
            ),
            (
                lambda runs: report(runs, lambda run: max(run[0])),
                "You chose the best single epoch. Take the mean over the last three.",
            ),
            (
                lambda runs: report(runs, lambda run: run[0][-1]),
                "You chose by the last epoch alone. Take the mean over the last three.",
            ),
            (
                lambda runs: report(runs, lambda run: np.mean(run[0])),
                "You took the mean over all epochs. Take the last three.",
            ),
            (
                lambda runs: report(runs, lambda run: np.mean(run[0][:3])),
                "Those are the first three epochs. Take the last three, [-3:].",
            ),
            (
                lambda runs: max(np.mean(validation[-3:]) for validation, _ in runs),
                "That is the validation accuracy that chose the run. Return its test accuracy.",
            ),
            (
                lambda runs: int(np.argmax([np.mean(run[0][-3:]) for run in runs])),
                "That is the number of the run. Return its test accuracy.",
            ),
        ],
    ),
)
