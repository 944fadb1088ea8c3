"""Train linear classifiers with the cross-entropy and with the squared error, from three starts.

    python -m benchmarks.lessons.two_losses

Takes about three minutes. Each of five runs draws its own training set: 750 of the course's
1,500 digits for training, the other 750 for validation and the 297 test images for testing; or 100
of the 220 images of Fashion-MNIST that come with the course, 60 and 60. A run follows the gradient
of the mean loss over all training images, from one of three starts:

usual
    The distribution of Keras (Glorot uniform), biases 0.
large
    Weights from a normal distribution so wide that the network is about 90% sure of its random
    predictions.
misled
    Trained with the cross-entropy for 1,000 steps on wrong labels, each class called the next one.

The learning rate is the one of `RATES` with the largest mean accuracy on the validation images
after 300 steps, for each data set, start and loss. The output is
course/lesson_tools/losses/two_losses.npz:

train, validation, test
    Accuracy after 300 steps, (data sets, starts, losses, rates, runs).
chosen
    Index of the rate, (data sets, starts, losses).
later_train, later_test
    Accuracy after 3,000 steps at the chosen rate, (data sets, starts, losses, runs).
sure
    Mean probability of the predicted class before the first step, (data sets, starts, runs).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.data import digits
from convnet.functional import softmax
from convnet.types import Array
from lesson_tools.fashion import fashion_sample

__all__ = ["DATA", "LOSSES", "RATES", "STARTS", "descend", "gradient"]

PATH = LESSON_TOOLS / "losses/two_losses.npz"
DATA = ("digits", "Fashion-MNIST")
STARTS = ("usual", "large", "misled")
LOSSES = ("cross-entropy", "squared error")
RATES = (0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
RUNS, STEPS, LATER = 5, 300, 3000
WIDTH = {"digits": 3.0, "Fashion-MNIST": 0.8}  # standard deviation of large weights
MISLED_BY = {"digits": 1.0, "Fashion-MNIST": 0.03}  # rate of the training on wrong labels


class Images(NamedTuple):
    """Images as rows, and their labels."""

    X: Array
    labels: Array


def gradient(loss: str, Z: Array, labels: Array) -> Array:
    """Return the gradient of the mean loss of softmax with respect to the scores, (m, n)."""
    Y_hat = softmax(Z)
    error = (Y_hat - np.eye(Z.shape[1])[labels]) / len(Z)
    if loss == "cross-entropy":
        return error
    return Y_hat * (2 * error - np.sum(2 * error * Y_hat, axis=1, keepdims=True))


def descend(
    loss: str, images: Images, W: Array, b: Array, rate: float, steps: int
) -> tuple[Array, Array]:
    """Return the parameters after some steps of gradient descent."""
    for _ in range(steps):
        dZ = gradient(loss, images.X @ W + b, images.labels)
        W, b = W - rate * images.X.T @ dZ, b - rate * dZ.sum(axis=0)
    return W, b


def accuracy(images: Images, W: Array, b: Array) -> float:
    """Return the part of the images that is classified correctly."""
    return float(np.mean(np.argmax(images.X @ W + b, axis=1) == images.labels))


def runs(name: str) -> Iterator[tuple[np.random.Generator, list[Images]]]:
    """Yield a generator for each run, and its images for training, validation and testing."""
    if name == "digits":
        data = digits()
        known, parts = (data.train_images, data.train_labels), [750]
        fixed = [Images(data.test_images.reshape(297, -1).astype(float), data.test_labels)]
    else:
        sample = fashion_sample()
        images = np.concatenate([sample.train_images, sample.images])
        labels = np.concatenate([sample.train_labels, sample.labels])
        known, parts, fixed = (images, labels), [100, 160], []
    X, labels = known[0].reshape(len(known[0]), -1).astype(float), known[1]
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        chosen = np.split(rng.permutation(len(X)), parts)
        yield rng, [*(Images(X[rows], labels[rows]) for rows in chosen), *fixed]


def initialize(
    name: str, start: str, train: Images, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return the parameters of a start."""
    n, classes = train.X.shape[1], 10
    limit, b = np.sqrt(6 / (n + classes)), np.zeros(classes)
    if start == "large":
        return rng.normal(0, WIDTH[name], (n, classes)), b
    W = rng.uniform(-limit, limit, (n, classes))
    if start == "misled":
        wrong = Images(train.X, (train.labels + 1) % classes)
        return descend("cross-entropy", wrong, W, b, MISLED_BY[name], 1000)
    return W, b


def measure() -> dict[str, Array]:
    """Return the arrays to store, by name."""
    shape = len(DATA), len(STARTS), len(LOSSES)
    arrays = {
        part: np.zeros((*shape, len(RATES), RUNS)) for part in ("train", "validation", "test")
    }
    arrays |= {f"later_{part}": np.zeros((*shape, RUNS)) for part in ("train", "test")}
    arrays |= {"chosen": np.zeros(shape, int), "sure": np.zeros((*shape[:2], RUNS))}
    for d, s in np.ndindex(shape[:2]):
        everything = list(runs(DATA[d]))
        starts = [initialize(DATA[d], STARTS[s], images[0], rng) for rng, images in everything]
        for run, ((W, b), (_, images)) in enumerate(zip(starts, everything, strict=True)):
            arrays["sure"][d, s, run] = softmax(images[0].X @ W + b).max(axis=1).mean()
        for k, loss in enumerate(LOSSES):
            for number, rate in enumerate(RATES):
                for run, ((W, b), (_, images)) in enumerate(zip(starts, everything, strict=True)):
                    end = descend(loss, images[0], W, b, rate, STEPS)
                    for part, some in zip(("train", "validation", "test"), images, strict=True):
                        arrays[part][d, s, k, number, run] = accuracy(some, *end)
            best = int(arrays["validation"][d, s, k].mean(axis=1).argmax())
            arrays["chosen"][d, s, k] = best
            for run, ((W, b), (_, images)) in enumerate(zip(starts, everything, strict=True)):
                end = descend(loss, images[0], W, b, RATES[best], LATER)
                arrays["later_train"][d, s, k, run] = accuracy(images[0], *end)
                arrays["later_test"][d, s, k, run] = accuracy(images[2], *end)
            print(f"{DATA[d]}, {STARTS[s]} start, {loss}, rate {RATES[best]}:")
            print("  300 steps: training", arrays["train"][d, s, k, best].round(3), end=", ")
            print("test", arrays["test"][d, s, k, best].round(3), flush=True)
    return arrays


if __name__ == "__main__":
    store_arrays(PATH, measure())
