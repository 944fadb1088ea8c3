"""Questions and answers of the lesson "Training": read this when you are done."""

from typing import Any

import numpy as np

from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    steps=Prediction(
        right=(38, 16),
        why="37 full mini-batches, and one with the remaining images.",
        wrong={
            (37, 16): "There are 37 full mini-batches. The rest is used, too.",
            (37.5, 0): "A step cannot be halved. How many images are left after 37 mini-batches?",
            (38, 32): "38 times 32 is more than 1,200.",
            (37, 32): "37 times 32 is 1,184. What about the others?",
            (37, 0): "37 times 32 is 1,184. What about the others?",
            (38, 0.5): "Half a mini-batch, yes. How many images is that?",
            (16, 38): "The right numbers in the wrong order: steps come first.",
        },
        hint="Divide 1,200 by 32, and look at the remainder.",
    ),
    first_line=Prediction(
        right="b",
        why="The first number is a mean over the epoch, the second one belongs to its end.",
        wrong={
            "a": "Then it would be so in every line. Look at lines 3 to 12.",
            "c": "A network that overfits is better on the images that it learns from.",
        },
        hint="When does the network read the first mini-batch, and when the validation images?",
    ),
    zeros=Prediction(
        right="c",
        why="No gradient reaches the filters, so only the ten biases of the last layer learn.",
        wrong={
            "a": "What do the feature maps look like if all filters are 0? Which gradient do the "
            "dense weights get from them?",
            "b": "More time does not help: compute the gradient of the dense weights, a "
            "product with the feature maps.",
        },
        hint="Follow the zeros forward, and then the gradient backward through the dense layer.",
    ),
    jumps=Prediction(
        right=(0.5, 1),
        why="The factor 1 - 2 * rate lies between -1 and 0 there.",
        wrong={
            (1, 0.5): "The right numbers. Begin with the smaller one.",
            (0, 1): "There it comes closer to 0, but at 0.1 it stays on its side of the minimum.",
            (0, 0.5): "There the factor 1 - 2 * rate is positive: it stays on its side.",
            (0.5, 2): "With the rate 1.5 the factor is -2, which leads away from 0.",
            (1, 2): "With the rate 1.5 the factor is -2: it jumps, but away from 0.",
            (0.5, 1.5): "With the rate 1.25 the factor is -1.5, which leads away from 0.",
            (0.25, 0.5): "The derivative is 2 theta, not 4 theta: the factor is 1 - 2 * rate.",
            (1, 1.5): "With the rate 1.25 the factor is -1.5, which leads away from 0.",
        },
        hint="Which sign must the factor 1 - 2 * rate have, and how large may it be?",
    ),
    velocity=Prediction(
        right=10,
        why="The geometric series 1 + 0.9 + 0.81 + ... has the sum 1 / (1 - 0.9).",
        wrong={
            3.439: "That is the fourth value. It continues to grow.",
            9: "Close: at a velocity of 9, the next one is 0.9 * 9 + 1 = 9.1.",
            1: "It begins at 1, and past gradients are added.",
            0.9: "That is the factor. Past gradients are added up.",
        },
        hint="In the end the velocity no longer changes: u = 0.9 u + 1. Solve for u.",
    ),
    thousand=Prediction(
        right="same",
        why="Numerator and denominator grow by the same factor.",
        wrong={
            "larger": "That is true for SGD. Adam divides by the root of the squared gradient.",
            "smaller": "The denominator grows, and so does the numerator.",
        },
        hint="Insert the first gradient into both averages, and correct them with t = 1.",
    ),
)

DATA = digits()
X, LABELS = DATA.train_images, DATA.train_labels


class Limited(Network):
    """A network that refuses more images than fit into memory."""

    def __init__(self, most: int):
        layers = [Conv2D(2, 3), ReLU(), Flatten(), Dense(10)]
        super().__init__(layers, (8, 8, 1), seed=0, dtype=np.float64)
        self.most = most

    def __repr__(self) -> str:  # in the messages of the check
        return "network"

    def forward(self, X: Array, training: bool = False) -> Array:
        if len(X) > self.most:
            raise MemoryError(f"{len(X)} images at once, at most {self.most} fit into memory")
        return super().forward(X, training)


def gradients_of_parts(network: Network, X: Array, labels: Array, part: int) -> Array:
    gradients = []
    for start in range(0, len(X), part):
        scores = network.forward(X[start : start + part], training=True)
        network.backward(cross_entropy_backward(scores, labels[start : start + part]))
        gradients.append(network.gradients.copy())
    return np.array(gradients)


def whole_gradient(network: Network, X: Array, labels: Array, part: int) -> Array:
    return gradients_of_parts(Limited(len(X)), X, labels, len(X))[0]


def batches(X: Array, labels: Array, batch: int, seed: int) -> list[Any]:
    """Return the shuffled mini-batches of one epoch, each with its labels."""
    order = np.random.default_rng(seed).permutation(len(X))
    return [[X[picked], labels[picked]] for picked in np.split(order, range(batch, len(X), batch))]


def two_orders(X: Array, labels: Array, batch: int, seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    first, second = X[rng.permutation(len(X))], labels[rng.permutation(len(X))]
    return [[first[k : k + batch], second[k : k + batch]] for k in range(0, len(X), batch)]


check = Checks(
    causes=Answer(
        right="BDCA",
        hint="Which loss does an untrained network with small weights have? Which curve begins "
        "elsewhere?",
        wrong=[
            ("BACD", "Large pixels give large scores already before the first step."),
            ("CDBA", "Labels that belong to other images cannot be learned in six epochs."),
            ("BCDA", "A loss that jumps up and then stays the same: steps that are too large."),
            ("DBCA", "A rate that is too small makes slow and steady progress."),
        ],
    ),
    batches_fixed=Function(
        right=batches,
        calls=[
            (np.arange(7)[:, None], 10 * np.arange(7), 3, 0),
            (np.arange(8)[:, None], 10 * np.arange(8), 4, 1),
            (np.arange(5)[:, None], 10 * np.arange(5), 2, 2),
        ],
        hint="Print the mini-batches for seven images. Is each image with its own label? Is each "
        "of them there?",
        wrong=[
            (
                two_orders,
                "Images and labels still have different orders: draw one permutation, and use it "
                "for both.",
            ),
            (
                lambda *given: [pair for pair in batches(*given) if len(pair[0]) == given[2]],
                "The last mini-batch is missing. It may have fewer images.",
            ),
            (
                lambda *given: [pair for pair in two_orders(*given) if len(pair[0]) == given[2]],
                "Nothing has changed yet. There are two bugs.",
            ),
            (
                lambda X, labels, batch, seed: [
                    [X[k : k + batch], labels[k : k + batch]] for k in range(0, len(X), batch)
                ],
                "Now nothing is shuffled.",
            ),
        ],
    ),
    accumulated_gradient=Function(
        right=whole_gradient,
        calls=[
            (Limited(part), X[:m], LABELS[:m], part) for m, part in ((32, 12), (50, 7), (20, 20))
        ],
        hint="Weight the gradient of each part with its number of images, and divide by the number "
        "of all.",
        wrong=[
            (
                lambda *given: gradients_of_parts(*given).mean(axis=0),
                "You average over the parts, but the last part is smaller. Average over images.",
            ),
            (
                lambda *given: gradients_of_parts(*given).sum(axis=0),
                "You add the gradients of means, so the result grows with the number of parts.",
            ),
            (
                lambda *given: gradients_of_parts(*given).sum(axis=0) * given[3] / len(given[1]),
                "You weight every part with `part`, but the last part has fewer images.",
            ),
            (
                lambda network, X, labels, part: whole_gradient(
                    network, X[: len(X) // part * part], labels[: len(X) // part * part], part
                ),
                "You leave out the last images. The last part may have fewer than `part` of them.",
            ),
            (
                lambda *given: gradients_of_parts(*given)[-1],
                "That is the gradient of the last part: backward overwrites the gradients before "
                "it.",
            ),
            (
                lambda *given: whole_gradient(*given) * len(given[1]),
                "That is the gradient of the sum of the losses. Divide by the number of images.",
            ),
        ],
    ),
)
