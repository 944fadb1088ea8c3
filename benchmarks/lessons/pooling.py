"""Measure what pooling gains when an image moves: in feature maps, and in the accuracy on digits.

    python -m benchmarks.lessons.pooling [--write]

The lesson on pooling measures the middle of twelve pictures, moved right and down, and reads digits
with 16 filters and one learning rate. Here each picture has 20 random crops, moved in all four
directions, with both Sobel kernels; and the digits are read with 8 to 32 filters of two sizes, 100
to 1,000 training images, and more kinds of pooling. Each network's learning rate is the best one on
validation digits that have not moved. Everything takes a quarter
of an hour on one core; --write puts the tables into pooling.md.
"""

import statistics
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks._figures import report
from convnet.data import digits, load_sample_image
from convnet.functional import avg_pool2d, conv2d, max_pool2d, relu
from convnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array

PICTURES = (
    *("china.jpg", "flower.jpg", "astronaut.jpg", "chelsea.jpg", "satellite.jpg", "retina.jpg"),
    *("brick.jpg", "grass.jpg", "gravel.jpg", "coins.jpg", "page.png", "phantom.png"),
)
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))
CROPS, PIXELS, FURTHEST = 20, 130, 8
SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])

# What becomes of a feature map, and by how many pixels the image moves.
MAPS: dict[str, tuple[Callable[[Array], Array], int]] = {
    "no pooling": (lambda A: A, 1),
    "every 8th value": (lambda A: A[:, ::8, ::8], 1),
    "max, f = 2": (lambda A: max_pool2d(A, 2), 1),
    "average, f = 2": (lambda A: avg_pool2d(A, 2), 1),
    "max, f = 8": (lambda A: max_pool2d(A, 8), 1),
    "average, f = 8": (lambda A: avg_pool2d(A, 8), 1),
    "L2, f = 8": (lambda A: 8 * np.sqrt(avg_pool2d(A**2, 8)), 1),
    "max, f = 8, moved by 8": (lambda A: max_pool2d(A, 8), 8),
}

# Layers between an image of 12 x 12 and the dense layer, for a number of filters and their size f.
NETWORKS: dict[str, Callable[[int, int], list[Layer]]] = {
    "no pooling": lambda n, f: [Conv2D(n, f), ReLU()],
    "stride 2": lambda n, f: [Conv2D(n, f, stride=2), ReLU()],
    "average, 2 x 2": lambda n, f: [Conv2D(n, f), ReLU(), AveragePooling2D(2)],
    "max, 2 x 2": lambda n, f: [Conv2D(n, f), ReLU(), MaxPooling2D(2)],
    "max, 3 x 3, stride 2": lambda n, f: [Conv2D(n, f), ReLU(), MaxPooling2D(3, 2)],
    "max, 4 x 4": lambda n, f: [Conv2D(n, f), ReLU(), MaxPooling2D(4)],
    "global average": lambda n, f: [Conv2D(n, f), ReLU(), AveragePooling2D(13 - f)],
    "global max": lambda n, f: [Conv2D(n, f), ReLU(), MaxPooling2D(13 - f)],
    "global max, padded": lambda n, f: [Conv2D(n, f, padding=f - 1), ReLU(), MaxPooling2D(11 + f)],
}


class Setting(NamedTuple):
    """A training run: its filters, their size, its images, True to add four shifted copies."""

    filters: int
    f: int
    m: int
    copies: bool = False

    def __str__(self) -> str:
        copies = ", and copies moved by one pixel" * self.copies
        return f"{self.filters} filters of {self.f} x {self.f}, {self.m} training images{copies}"


SETTINGS = (
    *(Setting(16, 5, 400), Setting(16, 5, 400, copies=True), Setting(8, 3, 400)),
    *(Setting(32, 5, 400), Setting(16, 5, 100), Setting(16, 5, 1000)),
)
RATES, SETS, SEEDS, STEPS, BATCH = (0.003, 0.01, 0.03), range(3), range(5), 195, 32


def relative_change(before: Array, after: Array) -> float:
    return float(np.linalg.norm(after - before) / np.linalg.norm(before - before.mean()))


def changes(picture: str) -> list[list[float]]:
    """Return the relative change of the crop and of `MAPS`, for all crops, kernels, directions."""
    photo = load_sample_image(picture).astype(float)
    if photo.ndim == 3:
        photo = photo.mean(axis=2)
    rng, results = np.random.default_rng(0), []
    for _ in range(CROPS):
        top, left = (rng.integers(FURTHEST, n - PIXELS - FURTHEST) for n in photo.shape)
        for kernel in (SOBEL_X, SOBEL_X.T):
            for down, right in DIRECTIONS:
                views, maps = {}, {}
                for k in (0, 1, FURTHEST):
                    rows, columns = (
                        slice(start, start + PIXELS) for start in (top + k * down, left + k * right)
                    )
                    views[k] = photo[np.newaxis, rows, columns, np.newaxis]
                    maps[k] = relu(conv2d(views[k], kernel[:, :, np.newaxis, np.newaxis]))
                if np.ptp(maps[0]):
                    pooled = [(pool(maps[0]), pool(maps[k])) for pool, k in MAPS.values()]
                    results.append(
                        [relative_change(*pair) for pair in ((views[0], views[1]), *pooled)]
                    )
    return results


def picture_table() -> str:
    names = ["photograph", *MAPS]
    lines = [f"| picture | {' | '.join(names)} |", "|---" + len(names) * "|--:" + "|"]
    for picture in PICTURES:
        medians = [
            f"{statistics.median(column):.0%}" for column in zip(*changes(picture), strict=True)
        ]
        lines.append(f"| {picture} | {' | '.join(medians)} |")
    return "\n".join(lines)


def placed(images: Array, down: int = 0, right: int = 0) -> Array:
    """Put digits of 8 x 8 pixels into the middle of 12 x 12, and move them."""
    return np.pad(images, ((0, 0), (2 + down, 2 - down), (2 + right, 2 - right), (0, 0)))


def trained(name: str, setting: Setting, training_set: int, seed: int, rate: float) -> Network:
    data = digits()
    chosen = np.random.default_rng(training_set).permutation(1000)[: setting.m]
    moves = [(0, 0), *DIRECTIONS] if setting.copies else [(0, 0)]
    images = np.concatenate([placed(data.train_images[chosen], *move) for move in moves])
    labels = np.tile(data.train_labels[chosen], len(moves))
    layers = [*NETWORKS[name](setting.filters, setting.f), Flatten(), Dense(10)]
    network = Network(layers, (12, 12, 1), seed)
    epochs = max(1, round(STEPS / np.ceil(len(images) / BATCH)))
    train(network, images, labels, epochs=epochs, optimizer=Adam(rate), seed=seed, progress=False)
    return network


def accuracy(network: Network, k: int) -> float:
    """Return the accuracy on the test digits moved by k pixels, a mean over four directions."""
    data = digits()
    return statistics.mean(
        evaluate(network, placed(data.test_images, k * down, k * right), data.test_labels)[1]
        for down, right in (DIRECTIONS if k else DIRECTIONS[:1])
    )


def feature_change(network: Network) -> float:
    """Return how much the dense layer's input changes when the test digits move by one pixel.

    100% is how much the digits differ from their mean.
    """
    images = digits().test_images
    before, after = (network.feature_maps(placed(images, 0, k))[-2] for k in (0, 1))
    return float(np.linalg.norm(after - before) / np.linalg.norm(before - before.mean(axis=0)))


def best_rate(name: str, setting: Setting) -> float:
    data = digits()
    validation = placed(data.train_images[1000:]), data.train_labels[1000:]

    def mean(rate: float) -> float:
        runs = [trained(name, setting, number, number, rate) for number in SETS]
        return statistics.mean(evaluate(network, *validation)[1] for network in runs)

    return max(RATES, key=mean)


def row(name: str, setting: Setting) -> str:
    rate = best_rate(name, setting)
    runs = [
        trained(name, setting, training_set, seed, rate) for training_set in SETS for seed in SEEDS
    ]
    cells = [name, f"{runs[0].parameters.size:,}", str(rate)]
    for k in (0, 1, 2):
        values = [100 * accuracy(network, k) for network in runs]
        cells.append(f"{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}")
    cells.append(f"{statistics.mean(map(feature_change, runs)):.0%}")
    return f"| {' | '.join(cells)} |"


def digit_tables() -> str:
    head = "| network | parameters | rate | not moved | by 1 pixel | by 2 pixels | features |\n"
    head += "|---|--:|--:|--:|--:|--:|--:|\n"
    return "\n\n".join(
        f"{setting}:\n\n{head}" + "\n".join(row(name, setting) for name in NETWORKS)
        for setting in SETTINGS
    )


if __name__ == "__main__":
    report(__file__, __doc__, lambda: f"{picture_table()}\n\n{digit_tables()}\n")
