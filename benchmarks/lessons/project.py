"""Compare five classifiers of texture patches, on four divisions of the photographs.

    python -m benchmarks.lessons.project

The lesson on projects uses the first division and asks whether the first layers of a pretrained
network describe a texture better than six hand-made numbers, or than a network trained from
scratch. Here the parts for training, validation and test also change places, and the same layers
with random weights and a baseline of eight numbers are added. Each method tries three settings with
three seeds on the validation patches and runs five times on the test patches. The printed table is
in project.md. It takes about three minutes of one core.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.edges import load_blocks
from convnet.types import Array
from tests.lesson_tools.cells import defined

Parts = dict[str, tuple[float, float]]
Classifier = Callable[[Array], Array]

PHOTOS = ("brick.jpg", "grass.jpg", "gravel.jpg")
DIVISIONS: dict[str, Parts] = {
    "lesson": {"train": (0.0, 0.5), "validation": (0.5, 0.75), "test": (0.75, 1.0)},
    "test and validation exchanged": {
        "train": (0.0, 0.5),
        "validation": (0.75, 1.0),
        "test": (0.5, 0.75),
    },
    "mirrored": {"train": (0.5, 1.0), "validation": (0.25, 0.5), "test": (0.0, 0.25)},
    "mirrored, exchanged": {
        "train": (0.5, 1.0),
        "validation": (0.0, 0.25),
        "test": (0.25, 0.5),
    },
}
CELLS = ("standardized", "patches", "from_scratch", "statistics", "six_numbers", "first_layers")


def lesson(parts: Parts, convolutions: Any = None) -> dict[str, Any]:
    """Return the functions of the lesson for a division of the photographs."""
    data = {"PHOTOS": PHOTOS, "PARTS": parts, "SIZE": 16, "convolutions": convolutions}
    return defined("31_project", *CELLS, "regression", **data)


def six_numbers(parts: Parts, C: float, seed: int) -> Classifier:
    """Fit a logistic regression of three hand-made edge and spot strengths."""
    taught = lesson(parts)
    return taught["regression"](taught["six_numbers"])(C, seed)


def from_scratch(parts: Parts, rate: float, seed: int) -> Classifier:
    """Train the small network of the lesson."""
    return lesson(parts)["from_scratch"](rate, seed)


def pretrained(parts: Parts, C: float, seed: int) -> Classifier:
    """Fit a logistic regression of the feature maps of HED's first two convolutions."""
    taught = lesson(parts, load_blocks().blocks[0])
    return taught["regression"](taught["first_layers"])(C, seed)


def eight_numbers(parts: Parts, C: float, seed: int) -> Classifier:
    """Fit a logistic regression of the six numbers and two moments of the gray values."""
    taught = lesson(parts)

    def features(X: Array) -> Array:
        moments = [(X**power).mean(axis=(1, 2)) for power in (3, 4)]
        return np.concatenate([taught["six_numbers"](X), *moments], axis=1)

    return taught["regression"](features)(C, seed)


def untrained(parts: Parts, C: float, seed: int) -> Classifier:
    """Do the same as `pretrained` with random weights and without biases."""
    rng = np.random.default_rng(seed)
    random = []
    for W, b in load_blocks().blocks[0]:
        deviation = np.sqrt(2 / np.prod(W.shape[:3]))
        random.append((rng.normal(0, deviation, W.shape).astype(np.float32), np.zeros_like(b)))
    taught = lesson(parts, random)
    return taught["regression"](taught["first_layers"])(C, seed)


METHODS = {
    "six numbers": (six_numbers, (0.1, 1, 10)),
    "eight numbers": (eight_numbers, (0.1, 1, 10)),
    "network from scratch": (from_scratch, (0.01, 0.03, 0.06)),
    "random first layers": (untrained, (0.1, 1, 10)),
    "pretrained first layers": (pretrained, (0.1, 1, 10)),
}


def main() -> None:
    """Print a row of a Markdown table for each division and method."""
    print("| division | method | setting | validation | test, five runs | lowest | highest |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for division, parts in DIVISIONS.items():
        patches = lesson(parts)["patches"]
        X, labels = patches("validation", 200, seed=1)
        X_test, labels_test = patches("test", 300, seed=2000)
        for name, (method, settings) in METHODS.items():
            means = {
                s: np.mean([np.mean(method(parts, s, seed)(X) == labels) for seed in range(3)])
                for s in settings
            }
            best = max(means, key=means.__getitem__)
            runs = [
                np.mean(method(parts, best, 10 + seed)(X_test) == labels_test) for seed in range(5)
            ]
            print(
                f"| {division} | {name} | {best} | {means[best]:.3f} | {np.mean(runs):.3f} | "
                f"{min(runs):.3f} | {max(runs):.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
