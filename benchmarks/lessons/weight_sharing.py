"""Tune the layers that lesson 05, "From dense to convolutional layers", compares.

    PYTHONPATH=course python -m benchmarks.lessons.weight_sharing [--write]

Layers find a plus in noisy images of 8 x 16 pixels. Each is trained with several learning rates and
numbers of steps on three training sets of each size, and the best combination is chosen on
validation images. The lesson uses one combination for all layers and sizes; the last column shows
what that costs. The dense layer is also trained with an L2 penalty, and with shifted copies of its
images, a new one in each place of each batch. The last two tables are about searches that are not
trained or trained with shuffled pixels, and about images of which half are negatives. Everything
takes an hour on one core; --write puts the tables into weight_sharing.md.
"""

import itertools
import statistics
from collections.abc import Callable

import numpy as np

from benchmarks._figures import report
from convnet.layers import Conv2D, Dense, Flatten, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array
from lesson_tools.why_convolution.pluses import PLUS, SHAPE, pluses

LAYERS: dict[str, Callable[[], list[Layer]]] = {
    "dense layer": lambda: [Flatten(), Dense(128)],
    "dense layer, L2 penalty": lambda: [Flatten(), Dense(128)],
    "dense layer, shifted copies": lambda: [Flatten(), Dense(128)],
    "convolution": lambda: [Conv2D(1, 3, padding=1), Flatten()],
    "two dense layers, 256 hidden units": lambda: [Flatten(), Dense(256), ReLU(), Dense(128)],
    "four kernels": lambda: [Conv2D(4, 3, padding=1), ReLU(), Conv2D(1, 1), Flatten()],
}
PENALTIES = {"dense layer, L2 penalty": 0.001}  # 0 for the other layers
ANY, LEFT, RIGHT = range(1, 15), range(1, 7), range(9, 15)
RATES, STEPS, SEEDS = (0.003, 0.01, 0.03, 0.1), (300, 1000, 3000), (0, 1, 2)
ORDERS = range(10)  # seeds of the orders of shuffled pixels
SIZES, IN_LESSON = (10, 100, 1000, 2000, 10_000), (0.03, 300)
BATCH = 32


class PenalizedAdam(Adam):
    """Adam for a cost that contains the penalty times half of the sum of the squared parameters."""

    def __init__(self, learning_rate: float, penalty: float) -> None:
        super().__init__(learning_rate)
        self.settings["penalty"] = penalty

    def step(self, parameters: Array, gradients: Array) -> None:
        super().step(parameters, gradients + self.settings["penalty"] * parameters)


def shifted_copies(images: Array, labels: Array, m: int, seed: int) -> tuple[Array, Array]:
    """Return m copies of images, each shifted so that its plus is at a random position."""
    rng = np.random.default_rng(seed)
    originals, rows, columns = (
        rng.integers(low, high, m) for low, high in ((0, len(images)), (1, 7), (1, 15))
    )
    shifts = rows - labels[originals] // 16, columns - labels[originals] % 16
    copies = [
        np.roll(images[i], shift, axis=(0, 1)) for i, *shift in zip(originals, *shifts, strict=True)
    ]
    return np.stack(copies), 16 * rows + columns


def trained(name: str, images: Array, labels: Array, seed: int, rate: float, steps: int) -> Network:
    """Train a network on images, or on shifted copies of them."""
    if name.endswith("shifted copies"):
        images, labels = shifted_copies(images, labels, steps * BATCH, seed)
    network = Network(LAYERS[name](), SHAPE, seed)
    epochs = max(1, round(steps / np.ceil(len(images) / BATCH)))
    optimizer = PenalizedAdam(rate, PENALTIES.get(name, 0))
    train(network, images, labels, epochs=epochs, optimizer=optimizer, seed=seed, progress=False)
    return network


def accuracies(name: str, m: int, trained_on: range, tested_on: range) -> dict[tuple, list[float]]:
    """Return validation and test accuracy for each learning rate and number of steps."""
    validation, test = pluses(1000, trained_on, 1000), pluses(1000, tested_on, 1001)
    results = {}
    for rate, steps in itertools.product(RATES, STEPS):
        runs = [trained(name, *pluses(m, trained_on, seed), seed, rate, steps) for seed in SEEDS]
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


def negatives(m: int, seed: int) -> tuple[Array, Array]:
    """Create images with a plus anywhere, and replace every other one by its negative."""
    images, labels = pluses(m, ANY, seed)
    return images * np.resize(np.float32([-1, 1]), (m, 1, 1, 1)), labels


def negatives_row(name: str) -> str:
    validation, test = negatives(1000, 1000), negatives(1000, 1001)
    runs = {}
    for rate, steps in itertools.product(RATES, STEPS):
        networks = [trained(name, *negatives(3200, seed), seed, rate, steps) for seed in range(5)]
        runs[rate, steps] = [
            [evaluate(network, *data)[1] for network in networks] for data in (validation, test)
        ]
    best = max(runs, key=lambda setting: statistics.mean(runs[setting][0]))
    cells = [f"{min(runs[s][1]):.3f} to {max(runs[s][1]):.3f}" for s in (best, IN_LESSON)]
    return f"| {name} | {best[0]}, {best[1]} | {' | '.join(cells)} |"


def other_searches() -> str:
    """Return the accuracies of a kernel and a rule that are not trained, and on shuffled pixels."""
    images, labels = pluses(10_000, ANY, 1001)
    template = Network(LAYERS["convolution"](), SHAPE)
    template.layers[0].parameters["W"][:, :, 0, 0] = PLUS
    shuffled = []
    for seed in ORDERS:
        order = np.random.default_rng(seed).permutation(128)
        new_position = np.argsort(order)
        data = [
            (images.reshape(-1, 128)[:, order].reshape(images.shape), new_position[labels])
            for images, labels in (pluses(10_000, ANY, seed), (images, labels))
        ]
        network = trained("convolution", *data[0], seed, 0.01, 3000)
        shuffled.append(evaluate(network, *data[1])[1])
    brightest = np.mean(images.reshape(-1, 128).argmax(axis=1) == labels)
    return (
        "| search | pluses found |\n|---|--:|\n"
        f"| the plus itself as a kernel | {evaluate(template, images, labels)[1]:.3f} |\n"
        f"| the brightest pixel | {brightest:.3f} |\n"
        "| convolution trained on shuffled pixels, mean of ten orders | "
        f"{statistics.mean(shuffled):.3f} |\n"
        f"| lowest and highest of them | {min(shuffled):.3f}, {max(shuffled):.3f} |\n"
    )


def tables() -> str:
    head = "| layers | training images | best rate, steps | accuracy | with 0.03, 300 |"
    head += "\n|---|--:|---|--:|--:|\n"
    names = list(LAYERS)
    anywhere = [row(name, m, ANY, ANY) for name in names[:4] for m in SIZES]
    halves = [row(name, 3200, LEFT, half) for name in names[:5] for half in (LEFT, RIGHT)]
    halves[1::2] = [line.replace(" | ", ", plus on the right | ", 1) for line in halves[1::2]]
    in_negatives = [negatives_row(name) for name in ("convolution", "four kernels")]
    return (
        f"Patterns anywhere:\n\n{head}" + "\n".join(anywhere) + "\n\n"
        f"Trained with patterns on the left, chosen and tested there, or tested on the right:\n\n"
        f"{head}" + "\n".join(halves) + "\n\n"
        f"Not trained, or trained with 10,000 images of shuffled pixels (rate 0.01, 3,000 steps):"
        f"\n\n{other_searches()}\n"
        "Half of the 3,200 training images and 1,000 test images are negatives; lowest and highest "
        "accuracy of five runs:\n\n"
        "| layers | best rate, steps | accuracy | with 0.03, 300 |\n|---|---|--:|--:|\n"
        + "\n".join(in_negatives)
        + "\n"
    )


if __name__ == "__main__":
    report(__file__, __doc__, tables)
