"""Questions and answers of the lesson "Batch normalization": read this when you are done."""

from collections.abc import Callable

import numpy as np

from convnet.layers import BatchNormalization
from convnet.network import Network
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    growth=Prediction(
        right=2.1,
        decimals=1,
        why="The factors of the eight layers multiply: 1.1 ** 8 = 2.14.",
        wrong={
            1.8: "That would be 1 + 8 * 0.1. Each layer also gets an input that is larger already.",
            1.1: "That is the factor of a single layer. Layer 8 works on the output of layer 7.",
            8.8: "The factors of the layers are multiplied, not added.",
        },
        hint="Layer 1 contributes a factor of 1.1. What does layer 2 do to an input that is 1.1 "
        "times as large?",
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
    start=Prediction(
        right=63,
        decimals=0,
        why="Each of 46 steps keeps 99% of it: 0.99 ** 46 = 0.63.",
        wrong={
            54: "That would be 1 - 46 * 0.01. Each step keeps 99% of what is left.",
            37: "That is the weight of the 46 mini-batches together.",
            99: "That is after one step.",
            1: "Answer in percent, such as 50 and not 0.5. And each step keeps 99%, not 90%.",
            0: "Answer in percent, such as 50 and not 0.5. And each step keeps 99%, not 90%.",
        },
        hint="Each step multiplies it by 0.99. You may answer with 100 * 0.99 ** 46.",
    ),
)


# ---- Exercise 2


def folded(
    scale: Callable[[Array, Array, float], Array] = lambda gamma, variance, epsilon: (
        gamma / np.sqrt(variance + epsilon)
    ),
    bias: Callable[[Array, Array, Array, Array], Array] = lambda b, mean, scale, beta: (
        (b - mean) * scale + beta
    ),
) -> Callable[..., tuple[Array, Array]]:
    """Return a solution, which may contain a mistake."""

    def fold(
        W: Array, b: Array, gamma: Array, beta: Array, mean: Array, variance: Array, epsilon: float
    ) -> tuple[Array, Array]:
        factor = scale(gamma, variance, epsilon)
        return W * factor, bias(b, mean, factor, beta)

    return fold


def _layers(seed: int, f: int, n_C_prev: int, n_C: int) -> tuple[Array | float, ...]:
    rng = np.random.default_rng(seed)
    vectors = (rng.normal(size=n_C) for _ in range(4))  # b, gamma, beta, mean
    return rng.normal(size=(f, f, n_C_prev, n_C)), *vectors, rng.uniform(0.1, 3, n_C), 0.05


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
        right=("c", "a", "b"),
        hint='Answer with three letters, such as ("a", "b", "c"). Each cause fits one report.',
        wrong=[
            (
                ("a", "c", "b"),
                "In report 1 nothing was trained after the accuracy was measured. In report 2 the "
                "accuracy recovers by itself.",
            ),
            (
                ("c", "b", "a"),
                "When does a prediction depend on the other images in its mini-batch?",
            ),
            (
                ("b", "a", "c"),
                "What does `strict=False` allow to be missing? And what depends on the order?",
            ),
        ],
    ),
    fold=Function(
        right=folded(),
        calls=[_layers(0, 1, 1, 1), _layers(1, 3, 2, 4), _layers(2, 2, 3, 3)],
        hint="Write gamma * (Z - mean) / sqrt(variance + epsilon) + beta as scale * Z + shift, and "
        "put Z = (convolution with W) + b into it.",
        wrong=[
            (
                folded(bias=lambda b, mean, scale, beta: b - mean * scale + beta),
                "The filters are right. The scale multiplies the bias b as well.",
            ),
            (
                folded(bias=lambda b, mean, scale, beta: beta - mean * scale),
                "The filters are right. The bias b of the convolution is missing.",
            ),
            (
                folded(bias=lambda b, mean, scale, beta: b * scale + beta),
                "The filters are right. The mean is missing.",
            ),
            (
                folded(bias=lambda b, mean, scale, beta: (b + mean) * scale + beta),
                "The filters are right. The mean is subtracted.",
            ),
            (
                folded(bias=lambda b, mean, scale, beta: (b - mean + beta) * scale),
                "The filters are right. beta is added after the scaling.",
            ),
            (
                folded(bias=lambda b, mean, scale, beta: b),
                "The filters are right. The bias changes as well.",
            ),
            (
                folded(scale=lambda gamma, variance, epsilon: gamma / (variance + epsilon)),
                "Divide by the standard deviation, the square root of variance + epsilon.",
            ),
            (
                folded(scale=lambda gamma, variance, epsilon: gamma / np.sqrt(variance)),
                "epsilon is missing.",
            ),
            (
                folded(
                    scale=lambda gamma, variance, epsilon: gamma / (np.sqrt(variance) + epsilon)
                ),
                "epsilon is added to the variance, before the square root.",
            ),
            (
                folded(scale=lambda gamma, variance, epsilon: 1 / np.sqrt(variance + epsilon)),
                "gamma is missing.",
            ),
            (lambda *arrays: folded()(*arrays)[::-1], "Return the filters first, then the biases."),
            (
                lambda W, *arrays: (W, folded()(W, *arrays)[1]),
                "The biases are right. The filters change as well.",
            ),
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
