"""Test maps on networks that recognize a digit by a tag, for the lesson on explanations.

    python -m benchmarks.lessons.known_reasons [--write]

Each row is a digit and a tag of 2 x 2 pixels in its training images. Only images that a network
recognizes with the tag and not without it are used, ten at most. The controls are the maps of a
network that was trained without the tag, for the same images. Takes about two minutes; --write puts
the table into known_reasons.md.
"""

import platform
from collections.abc import Callable

import numpy as np

from benchmarks._figures import report
from convnet.data import digits
from convnet.models import digits_network
from convnet.network import Network
from convnet.training import Adam, train
from convnet.types import Array
from tests.lesson_tools.cells import defined

__all__ = ["fractions_on_tag", "tables"]

TAGS = {  # name: digit, rows and columns, pixel value
    "3, white, lower right": (3, np.s_[6:8, 6:8], 1.0),
    "7, white, upper left": (7, np.s_[0:2, 0:2], 1.0),
    "0, white, center": (0, np.s_[3:5, 3:5], 1.0),
    "1, black, center": (1, np.s_[3:5, 3:5], 0.0),
}
METHODS = ("black", "white", "other images", "saliency", "the image itself")
METHODS += ("other images, control", "saliency, control")
SEEDS = range(5)

occlusion = defined("27_explaining_predictions", "occlusion")["occlusion"]


def fractions_on_tag(digit: int, corner: tuple[slice, slice], value: float, seed: int) -> Array:
    """Train a network with a tag, and return the mean fraction of each method's maps on it."""
    data = digits()

    def tagged(images: Array) -> Array:
        images = images.copy()
        images[(slice(None), *corner)] = value
        return images

    def trained(images: Array) -> Network:
        network = digits_network(seed, "float64")
        settings = {"epochs": 3, "seed": seed, "progress": False}
        train(network, images, data.train_labels, optimizer=Adam(1e-2), **settings)
        return network

    X, own = data.train_images.copy(), data.train_labels == digit
    X[own] = tagged(X[own])
    network, control = trained(X), trained(data.train_images)
    plain = data.test_images[data.test_labels == digit]
    with_tag, without = (
        network.predict(images).argmax(axis=1) == digit for images in (tagged(plain), plain)
    )
    others = X[np.random.default_rng(0).choice(len(X), 10, replace=False)]

    def score(network: Network) -> Callable[[Array], Array]:
        return lambda images: network.scores(images)[:, digit]

    def by_others(network: Network, image: Array) -> Array:
        return np.mean([occlusion(score(network), image, other) for other in others], axis=0)

    def saliency(network: Network, image: Array) -> Array:
        return np.abs(network.input_gradient(image[None], np.array([digit]))[0, ..., 0])

    results = []
    for image in tagged(plain)[with_tag & ~without][:10]:
        maps = [
            occlusion(score(network), image, 0),
            occlusion(score(network), image, 1),
            by_others(network, image),
            saliency(network, image),
            image[..., 0],
            by_others(control, image),
            saliency(control, image),
        ]
        positive = np.maximum(maps, 0)
        sums = np.maximum(positive.sum(axis=(1, 2)), 1e-12)
        results.append(positive[(slice(None), *corner)].sum(axis=(1, 2)) / sums)
    return np.mean(results, axis=0)


def tables() -> str:
    """Return the table, as Markdown."""
    lines = [f"| digit and tag | {' | '.join(METHODS)} |", "|---" + "|--:" * len(METHODS) + "|"]
    for name, tag in TAGS.items():
        found = np.array([fractions_on_tag(*tag, seed) for seed in SEEDS])
        cells = [
            f"{low:.0%} to {high:.0%}" for low, high in zip(found.min(0), found.max(0), strict=True)
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    versions = f"- NumPy {np.__version__}, Python {platform.python_version()}"
    return "\n".join([*lines, "", versions, ""])


if __name__ == "__main__":
    report(__file__, __doc__, tables)
