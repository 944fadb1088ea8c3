"""Questions and answers of the lesson "Batch normalization": read this when you are done."""

from collections.abc import Callable

import numpy as np

from convnet.layers import BatchNormalization
from convnet.network import Network
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    layout=Prediction(
        right=(32, 16, 8, 8),
        why="PyTorch puts the channels before rows and columns: NCHW.",
        wrong={
            (32, 8, 8, 16): "That is Keras' order, NHWC.",
            (16, 32, 8, 8): "The examples come first in both libraries.",
            (8, 8, 16, 32): "The examples come first in both libraries.",
            (16, 8, 8, 32): "The examples come first in both libraries.",
        },
        hint="Which of the two libraries is NHWC, and which is NCHW?",
    ),
    untrained=Prediction(
        right=2.3,
        decimals=1,
        why="It gives each class the probability 1/10, and -log(1/10) = log 10 = 2.303.",
        wrong={
            0.1: "That is the probability. The loss is its negative logarithm.",
            1: "Use the natural logarithm: -log(1/10).",
            3.3: "That is the logarithm to base 2.",
            0: "That is the loss of a network that is right and certain.",
        },
        hint="Each class gets the probability 1/10, and the loss is -log of the right one.",
    ),
    scaled=Prediction(
        right="c",
        why="The standard deviation grows by the same factor as the deviations.",
        wrong={
            "a": "By which number are the deviations divided? Compute it for the new values.",
            "b": "The deviations grow tenfold, and so does the number that they are divided by.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    means=Prediction(
        right=16,
        why="One for each channel; examples, rows and columns are averaged over.",
        wrong={
            1: "The filters of different channels differ, so they are normalized separately.",
            32: "The mean is taken over the examples: hence the name batch normalization.",
            512: "That would be one for each example and channel, which is instance normalization. "
            "Here the mean is taken over the examples as well.",
            1024: "That would be one for each position and channel. A filter is the same at all "
            "positions, so they share a mean.",
            64: "A filter is the same at all positions, so they share a mean.",
            2048: "That is the number of values in one mean.",
        },
        hint="Which axes does the code average over, and which one remains?",
    ),
    single=Prediction(
        right=1,
        why="The value equals its mean, so gamma * 0 + beta remains, whatever the value is.",
        wrong={
            0: "That is the normalized value. What do gamma and beta make of it?",
            7: "What is the mean of a single value?",
            15: "That is 2 * 7 + 1: you have left out the normalization.",
            3: "That is gamma + beta. But the normalized value is not 1.",
        },
        hint="What is the mean of a single value, and what remains when you subtract it?",
    ),
    second=Prediction(
        right=(1.9, 0.199),
        decimals=3,
        why="0.9 * 1 + 0.1 * 10 = 1.9, and 0.99 * 0.1 + 0.01 * 10 = 0.199.",
        wrong={
            (2, 0.2): "The old mean loses weight: it is multiplied by 0.9, or by 0.99.",
            (1, 0.1): "Those are the running means after the first mini-batch.",
            (9.1, 9.901): "You have exchanged the weights of old and new.",
            (0.199, 1.9): "The other way round: PyTorch's default gives the new mean more weight.",
            (10, 10): "That is where the running means are heading. How far have they come?",
        },
        hint="Start from 1 and 0.1. The new mean is 10 again. Which weights do old and new have?",
    ),
    start=Prediction(
        right=62,
        decimals=0,
        why="Each of 47 steps keeps 99% of it: 0.99 ** 47 = 0.62.",
        wrong={
            53: "That would be 1 - 47 * 0.01. Each step keeps 99% of what is left.",
            38: "That is the weight of the 47 mini-batches together.",
            99: "That is after one step.",
            1: "With PyTorch's default, 0.9 ** 47 = 0.7%. Here each step keeps 99%.",
            0: "With PyTorch's default it is nearly 0. Here each step keeps 99%.",
        },
        hint="Each step multiplies it by 0.99. You may answer with 100 * 0.99 ** 47.",
    ),
    buffers=Prediction(
        right=96,
        why="A running mean and a running variance for each of 16 + 32 channels.",
        wrong={
            48: "Each channel has a running mean and a running variance.",
            192: "gamma and beta are parameters, so they are in the 10,314.",
            0: "Evaluation mode needs the running statistics, and these are not parameters.",
            4: "Each of the four arrays has an entry for each channel.",
        },
        hint="What does evaluation mode need for each of the 16 and 32 channels?",
    ),
    zero_gradient=Prediction(
        right="b",
        why="The normalization subtracts it again, so it cannot change the loss.",
        wrong={
            "W": "The filters decide which features there are. That does change the loss.",
            "gamma": "It is multiplied after the normalization, and nothing removes it.",
            "beta": "It is added after the normalization, so nothing subtracts it again.",
        },
        hint='Answer "W", "b", "gamma" or "beta".',
    ),
)


# ---- Exercise 3


def running_statistics(batches: Array, momentum: float) -> Array:
    """Return `BatchNormalization`'s statistics after the mini-batches; momentum as in PyTorch."""
    layer = BatchNormalization(momentum=1 - momentum)
    network = Network([layer], batches[0].shape[1:], dtype=np.float64)
    for Z in batches:
        network.forward(Z, training=True)
    return np.stack([layer.state["mean"], layer.state["variance"]]).round(10)


def mistaken(
    ddof: int = 1,
    start: float = 1,
    weights: Callable[[float], tuple[float, float]] = lambda momentum: (1 - momentum, momentum),
) -> Callable[[Array, float], Array]:
    """Return a solution with a mistake."""

    def statistics(batches: Array, momentum: float) -> Array:
        old_weight, new_weight = weights(momentum)
        running = np.array([[0.0], [start]]) * np.ones(batches.shape[-1])
        for Z in batches:
            new = np.stack([Z.mean(axis=(0, 1, 2)), Z.var(axis=(0, 1, 2), ddof=ddof)])
            running = old_weight * running + new_weight * new
        return running

    return statistics


def _calls() -> list[tuple[Array, float]]:
    rng = np.random.default_rng(2)
    return [
        (np.array([3.0, 9.0, 11.0, 17.0]).reshape(1, 4, 1, 1, 1), 0.1),
        (rng.normal(2, 3, (2, 3, 3, 2, 2)), 0.1),
        (rng.normal(2, 3, (3, 4, 1, 2, 3)), 0.3),
    ]


check = Checks(
    diagnosis=Answer(
        right=("c", "a", "b", "d"),
        hint='Answer with four letters, such as ("a", "b", "c", "d"). Each cause fits one report.',
        wrong=[
            (
                ("a", "c", "b", "d"),
                "In report 1 nothing was trained after the accuracy was measured. In report 2 the "
                "accuracy recovers by itself.",
            ),
            (
                ("c", "b", "a", "d"),
                "When does a prediction depend on the other images in its mini-batch?",
            ),
            (
                ("d", "a", "b", "c"),
                "One cause makes a small difference in layers of small variance, the other one a "
                "large difference.",
            ),
        ],
    ),
    eps_and_momentum=Answer(
        right=(0.001, 0.01),
        hint="Which weight does the new mean have in the running mean of the Keras layer?",
        wrong=[
            (
                (0.001, 0.99),
                "In PyTorch, momentum is the weight of the new value: 0.99 would hardly keep the "
                "old ones.",
            ),
            ((0.00001, 0.1), "Those are PyTorch's defaults, not the settings of this layer."),
            ((0.001, 0.1), "That is PyTorch's default momentum, not the setting of this layer."),
            ((0.00001, 0.01), "The momentum is right. Which epsilon was the network trained with?"),
            ((0.01, 0.001), "The two values are in the wrong order."),
        ],
    ),
    running_statistics=Function(
        right=running_statistics,
        calls=_calls(),
        hint="Each channel has a mean and a variance. What do they start from, and what does each "
        "mini-batch do to them?",
        wrong=[
            (
                mistaken(weights=lambda momentum: (momentum, 1 - momentum)),
                "In PyTorch, momentum is the weight of the new value, not of the old one.",
            ),
            (
                mistaken(ddof=0),
                "The means are right. For the running variance, PyTorch divides by another number.",
            ),
            (
                mistaken(weights=lambda momentum: (1, momentum)),
                "The new values are added, but the old ones have to lose weight at the same time.",
            ),
            (mistaken(start=0), "The means are right. The running variances start at 1."),
            (
                mistaken(ddof=0, start=0),
                "The means are right. Where do the variances start, and by which number does "
                "PyTorch divide?",
            ),
            (
                mistaken(ddof=0, weights=lambda momentum: (momentum, 1 - momentum)),
                "Those are the conventions of Keras, for the momentum and for the variance.",
            ),
            (
                lambda batches, momentum: mistaken()(batches[-1:], momentum),
                "Only the last mini-batch has been used, or the loop starts afresh with each of "
                "them.",
            ),
            (
                lambda batches, momentum: np.stack(
                    [
                        np.mean([Z.mean(axis=(0, 1, 2)) for Z in batches], axis=0),
                        np.mean([Z.var(axis=(0, 1, 2), ddof=1) for Z in batches], axis=0),
                    ]
                ),
                "That is the plain average of the mini-batches, without starting values and "
                "momentum.",
            ),
            (
                lambda batches, momentum: mistaken()(batches, momentum)[::-1],
                "The means come first, then the variances.",
            ),
            (
                lambda batches, momentum: np.stack(
                    [mistaken()(batches, momentum)[0], np.sqrt(mistaken()(batches, momentum)[1])]
                ),
                "The layer holds variances, not standard deviations.",
            ),
        ],
    ),
)
