"""Tune the layers that lesson 05, "From dense to convolutional layers", compares.

    PYTHONPATH=course python -m benchmarks.lessons.weight_sharing [--write]

Layers find a plus in noisy images of 8 x 16 pixels. Each is trained with several learning rates and
numbers of steps on three training sets of each size, and the best combination is chosen on
validation images. The lesson uses one combination for all layers and sizes; the last column shows
what that costs. The dense layer is also trained with an L2 penalty. Everything takes forty minutes
on one core; --write puts the tables into weight_sharing.md.
"""

import argparse
import itertools
import statistics
from collections.abc import Callable

import numpy as np

from benchmarks._figures import show_figures
from convnet.layers import Conv2D, Dense, Flatten, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array
from lesson_tools.why_convolution.pluses import SHAPE, pluses

LAYERS: dict[str, Callable[[], list[Layer]]] = {
    "dense layer": lambda: [Flatten(), Dense(128)],
    "dense layer, L2 penalty": lambda: [Flatten(), Dense(128)],
    "convolution": lambda: [Conv2D(1, 3, padding=1), Flatten()],
    "two dense layers, 256 hidden units": lambda: [Flatten(), Dense(256), ReLU(), Dense(128)],
}
PENALTIES = {"dense layer, L2 penalty": 0.001}  # 0 for the other layers
ANY, LEFT, RIGHT = range(1, 15), range(1, 7), range(9, 15)
RATES, STEPS, SEEDS = (0.003, 0.01, 0.03, 0.1), (300, 1000, 3000), (0, 1, 2)
SIZES, IN_LESSON = (10, 100, 1000, 2000, 10_000), (0.03, 300)
BATCH = 32


class PenalizedAdam(Adam):
    """Adam for a cost that contains the penalty times half of the sum of the squared parameters."""

    def __init__(self, learning_rate: float, penalty: float) -> None:
        super().__init__(learning_rate)
        self.settings["penalty"] = penalty

    def step(self, parameters: Array, gradients: Array) -> None:
        super().step(parameters, gradients + self.settings["penalty"] * parameters)


def trained(name: str, m: int, columns: range, seed: int, rate: float, steps: int) -> Network:
    """Train a network on m images with patterns in some columns."""
    images, labels = pluses(m, columns, seed)
    network = Network(LAYERS[name](), SHAPE, seed)
    epochs = max(1, round(steps / np.ceil(m / BATCH)))
    optimizer = PenalizedAdam(rate, PENALTIES.get(name, 0))
    train(network, images, labels, epochs=epochs, optimizer=optimizer, seed=seed, progress=False)
    return network


def accuracies(name: str, m: int, trained_on: range, tested_on: range) -> dict[tuple, list[float]]:
    """Return validation and test accuracy for each learning rate and number of steps."""
    validation, test = pluses(1000, trained_on, 1000), pluses(1000, tested_on, 1001)
    results = {}
    for rate, steps in itertools.product(RATES, STEPS):
        runs = [trained(name, m, trained_on, seed, rate, steps) for seed in SEEDS]
        results[rate, steps] = [
            statistics.mean(evaluate(network, *data)[1] for network in runs)
            for data in (validation, test)
        ]
    return results


def row(name: str, m: int, trained_on: range, tested_on: range) -> str:
    results = accuracies(name, m, trained_on, tested_on)
    rate, steps = best = max(results, key=lambda setting: results[setting][0])
    cells = [name, f"{m:,}", f"{rate}, {steps}", f"{results[best][1]:.3f}"]
    return f"| {' | '.join([*cells, f'{results[IN_LESSON][1]:.3f}'])} |"


def tables() -> str:
    head = "| layers | training images | best rate, steps | accuracy | with 0.03, 300 |"
    head += "\n|---|--:|---|--:|--:|\n"
    names = list(LAYERS)
    anywhere = [row(name, m, ANY, ANY) for name in names[:3] for m in SIZES]
    halves = [row(name, 3200, LEFT, half) for name in names for half in (LEFT, RIGHT)]
    halves[1::2] = [line.replace(" | ", ", plus on the right | ", 1) for line in halves[1::2]]
    return (
        f"Patterns anywhere:\n\n{head}" + "\n".join(anywhere) + "\n\n"
        f"Trained with patterns on the left, chosen and tested there, or tested on the right:\n\n"
        f"{head}" + "\n".join(halves) + "\n"
    )


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write weight_sharing.md")
    show_figures(__file__, tables(), parser.parse_args(arguments).write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
