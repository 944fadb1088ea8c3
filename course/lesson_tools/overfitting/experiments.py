"""Networks and data of the lesson "Overfitting" and of `benchmarks.lessons.overfitting`."""

import numpy as np

from convnet.data import digits
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array

__all__ = ["draw_sets", "fit_curves", "make_network", "mislabel"]

WRONG = 0.15  # fraction of wrong labels


def make_network(seed: int) -> Network:
    """Return the untrained network of the lesson, with 18,346 parameters."""
    layers = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU()]
    layers += [MaxPooling2D(2), Flatten(), Dense(64), ReLU(), Dense(10)]
    return Network(layers, (8, 8, 1), seed)


def mislabel(labels: Array, rng: np.random.Generator) -> Array:
    """Replace a label with another class, with the probability 0.15."""
    wrong = rng.random(len(labels)) < WRONG
    return np.where(wrong, (labels + rng.integers(1, 10, len(labels))) % 10, labels)


def draw_sets(number: int, m: int = 150, correct: bool = False) -> tuple[tuple[Array, Array], ...]:
    """Draw m training images, some mislabeled unless `correct`, 300 to validate, 897 to test."""
    data, rng = digits(), np.random.default_rng((number, 15))
    images = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    order = rng.permutation(len(images))
    validation, test, training = order[:300], order[300:1197], order[1197 : 1197 + m]
    given = labels[order[1197:]] if correct else mislabel(labels[order[1197:]], rng)
    return (
        (images[training], given[:m]),
        (images[validation], labels[validation]),
        (images[test], labels[test]),
    )


def fit_curves(
    network: Network,
    training: tuple[Array, Array],
    validation: tuple[Array, Array],
    rate: float,
    epochs: int,
) -> Array:
    """Train with Adam, and return the training and the validation loss after each epoch."""
    kept: list[float] = []
    history = train(
        network,
        *training,
        validation=validation,
        after_epoch=lambda _: kept.append(evaluate(network, *training)[0]),
        epochs=epochs,
        optimizer=Adam(rate),
        progress=False,
    )
    return np.array([kept, [line.validation_loss for line in history]]).T
