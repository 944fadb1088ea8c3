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

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from convnet.edges import load_blocks
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.own_edges import photograph
from convnet.training import Adam, train
from convnet.types import Array

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
SIZE = 16
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SPOTS = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])


def patches(part: tuple[float, float], count: int, seed: int) -> tuple[Array, Array]:
    """Cut normalized patches from one part of each photograph."""
    rng = np.random.default_rng(seed)
    X, labels = [], []
    for label, name in enumerate(PHOTOS):
        photo = photograph(name, 256).mean(axis=2)
        left, right = (round(edge * photo.shape[1]) for edge in part)
        rows = rng.integers(0, photo.shape[0] - SIZE + 1, count)
        columns = rng.integers(left, right - SIZE + 1, count)
        X += [photo[r : r + SIZE, c : c + SIZE, None] for r, c in zip(rows, columns, strict=True)]
        labels += [label] * count
    images = np.array(X) - np.mean(X, axis=(1, 2, 3), keepdims=True)
    images /= images.std(axis=(1, 2, 3), keepdims=True) + 1e-6
    return images, np.array(labels)


def from_scratch(parts: Parts, rate: float, seed: int) -> Classifier:
    """Train the small network of the lesson."""
    layers = [Conv2D(8, 3, padding=1), ReLU(), MaxPooling2D(2)]
    layers += [Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2), Flatten(), Dense(len(PHOTOS))]
    network = Network(layers, (SIZE, SIZE, 1), seed, "float64")
    X, labels = patches(parts["train"], 200, seed)
    train(network, X, labels, epochs=12, optimizer=Adam(rate), seed=seed, progress=False)
    return lambda X: network.forward(X, training=False).argmax(axis=1)


def six_numbers(X: Array, seed: int) -> Array:
    """Return mean and standard deviation of three hand-made edge and spot strengths."""
    W = np.stack([SOBEL, SOBEL.T, SPOTS], axis=-1)[:, :, None]
    return statistics(np.abs(conv2d(X.astype(float), W)))


def eight_numbers(X: Array, seed: int) -> Array:
    """Add the third and fourth moments of the gray values to the six numbers."""
    moments = [(X**power).mean(axis=(1, 2)) for power in (3, 4)]
    return np.concatenate([six_numbers(X, seed), *moments], axis=1)


def pretrained(X: Array, seed: int) -> Array:
    """Return statistics of the feature maps of HED's first two convolutions."""
    return statistics(first_layers(X, load_blocks().blocks[0]))


def untrained(X: Array, seed: int) -> Array:
    """Return statistics of the same layers with random weights and without biases."""
    rng = np.random.default_rng(seed)
    random = []
    for W, b in load_blocks().blocks[0]:
        deviation = np.sqrt(2 / np.prod(W.shape[:3]))
        random.append((rng.normal(0, deviation, W.shape).astype(np.float32), np.zeros_like(b)))
    return statistics(first_layers(X, random))


def first_layers(X: Array, convolutions: list[tuple[Array, Array]]) -> Array:
    """Compute the feature maps of a gray patch with a typical contrast."""
    A = np.repeat(60 * X, 3, axis=3).astype(np.float32)
    for W, b in convolutions:
        A = relu(conv2d(A, W, b))
    return A


def statistics(A: Array) -> Array:
    """Return the mean and the standard deviation of each feature map."""
    return np.concatenate([A.mean(axis=(1, 2)), A.std(axis=(1, 2))], axis=1)


def regression(features: Callable[[Array, int], Array]) -> Callable[..., Classifier]:
    """Return a method that fits a logistic regression of features."""

    def method(parts: Parts, C: float, seed: int) -> Classifier:
        X, labels = patches(parts["train"], 200, seed)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
        model.fit(features(X, seed), labels)
        return lambda X: model.predict(features(X, seed))

    return method


METHODS = {
    "six numbers": (regression(six_numbers), (0.1, 1, 10)),
    "eight numbers": (regression(eight_numbers), (0.1, 1, 10)),
    "network from scratch": (from_scratch, (0.01, 0.03, 0.06)),
    "random first layers": (regression(untrained), (0.1, 1, 10)),
    "pretrained first layers": (regression(pretrained), (0.1, 1, 10)),
}


def main() -> None:
    """Print a row of a Markdown table for each division and method."""
    print("| division | method | setting | validation | test, five runs | lowest | highest |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for division, parts in DIVISIONS.items():
        X, labels = patches(parts["validation"], 200, seed=1)
        X_test, labels_test = patches(parts["test"], 300, seed=2000)
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
