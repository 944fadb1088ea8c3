"""Measure what a convolution layer in front of a dense layer is worth on digits of 8 x 8 pixels.

    PYTHONPATH=course python -m benchmarks.lessons.digit_filters [--write]

Networks of one dense layer read the digits: alone, or after one filter or eight, which are learned
or stay random. The learning rate of each network is chosen on validation digits. Then each is
trained with eight seeds, on the official training set and on random ones of the same size.
Everything takes a few minutes on one core; --write puts the table into digit_filters.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks._figures import report
from convnet.data import digits
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, Dense, Flatten, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array

RATES, EPOCHS = (0.003, 0.01, 0.03, 0.1), 12
TUNING_SEEDS, SEEDS = range(100, 103), range(8)
SPLITS = ("official", "random")
N_VALIDATION = 300  # of the training digits


def dense() -> list[Layer]:
    return [Flatten(), Dense(10)]


@dataclass(frozen=True)
class Arm:
    """A network: its layers, and what fixed step, if any, the images go through first."""

    layers: Callable[[], list[Layer]] = dense
    fixed: Callable[[Array, int], Array] = lambda images, seed: images


def learned(n_filters: int) -> Arm:
    return Arm(lambda: [Conv2D(n_filters, 3, padding=1), ReLU(), *dense()])


def random(n_filters: int, activation: Callable[[Array], Array]) -> Arm:
    def fixed(images: Array, seed: int) -> Array:
        W = np.random.default_rng(seed).normal(0, np.sqrt(2 / 9), (3, 3, 1, n_filters))
        return activation(conv2d(images, W.astype(np.float32), padding=1))

    return Arm(fixed=fixed)


ARMS = {
    "no convolution": Arm(),
    "1 learned filter, ReLU": learned(1),
    "1 random filter, ReLU": random(1, relu),
    "1 random filter, no ReLU": random(1, lambda Z: Z),
    "8 learned filters, ReLU": learned(8),
    "8 random filters, ReLU": random(8, relu),
    "8 random filters, no ReLU": random(8, lambda Z: Z),
}


def split_digits(split: str, seed: int) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return images and labels for training and for the test."""
    data = digits()
    images = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    order = np.arange(len(images))
    if split == "random":
        order = np.random.default_rng(seed).permutation(order)
    known, new = np.split(order, [len(data.train_images)])
    return (images[known], labels[known]), (images[new], labels[new])


def accuracy(arm: Arm, rate: float, split: str, seed: int, tuning: bool = False) -> float:
    """Train a network, and return its accuracy on the test digits, or on validation digits."""
    (X, labels), test = split_digits(split, seed)
    if tuning:
        (X, labels), test = (
            (X[:-N_VALIDATION], labels[:-N_VALIDATION]),
            (X[-N_VALIDATION:], labels[-N_VALIDATION:]),
        )
    X = arm.fixed(X, seed)
    network = Network(arm.layers(), X.shape[1:], seed)
    settings = {"epochs": EPOCHS, "optimizer": Adam(rate), "seed": seed, "progress": False}
    train(network, X, labels, **settings)
    return evaluate(network, arm.fixed(test[0], seed), test[1])[1]


def best_rate(arm: Arm, split: str) -> float:
    def mean(rate: float) -> float:
        return np.mean([accuracy(arm, rate, split, seed, tuning=True) for seed in TUNING_SEEDS])

    return max(RATES, key=mean)


def nearest_neighbors(split: str, seed: int) -> float:
    """Return the accuracy of a vote of the three most similar training digits."""
    (X, labels), (X_test, test_labels) = split_digits(split, seed)
    X, X_test = (images.reshape(len(images), -1) for images in (X, X_test))
    distances = np.sum(X**2, axis=1) - 2 * X_test @ X.T  # up to a constant in each row
    votes = labels[np.argsort(distances, axis=1, kind="stable")[:, :3]]
    winners = [np.bincount(three).argmax() for three in votes]
    return float(np.mean(winners == test_labels))


def percentages(values: list[float]) -> str:
    return f"{np.mean(values):.1%} ({np.min(values):.1%} to {np.max(values):.1%})"


def table() -> str:
    head = "| network | rates | official test digits | random test digits |\n|---|---|---|---|\n"
    rows = []
    for name, arm in ARMS.items():
        rates = {split: best_rate(arm, split) for split in SPLITS}
        results = [[accuracy(arm, rates[split], split, seed) for seed in SEEDS] for split in SPLITS]
        cells = [name, ", ".join(map(str, rates.values())), *map(percentages, results)]
        rows.append(f"| {' | '.join(cells)} |")
    neighbors = [[nearest_neighbors(split, seed) for seed in SEEDS] for split in SPLITS]
    official, shuffled = f"{neighbors[0][0]:.1%}", percentages(neighbors[1])
    rows.append(f"| 3-nearest neighbors, no training | | {official} | {shuffled} |")
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    report(__file__, __doc__, table)
