"""Networks and remedies of the lesson "Overfitting" and of `benchmarks.lessons.overfitting`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array

__all__ = [
    "AdamW",
    "Dropout",
    "draw_sets",
    "fit",
    "fit_curves",
    "make_network",
    "mislabel",
    "random_shifts",
]

Augment = Callable[[Array, np.random.Generator], Array]
WRONG = 0.15  # fraction of wrong labels


class Dropout(Layer):
    """Layer that sets activations to 0 at random while training, as the lesson defines it."""

    def __init__(self, rate: float, seed: int = 0) -> None:
        super().__init__(rate=rate)
        self.rng = np.random.default_rng(seed)

    def forward(self, x: Array, training: bool) -> Array:
        """Drop a fraction `rate` of the values and divide the others by 1 - rate."""
        keep = 1 - self.settings["rate"]
        mask = (self.rng.random(x.shape) < keep) / keep if training else np.ones(x.shape)
        self.mask = mask.astype(x.dtype)
        return x * self.mask

    def backward(self, dy: Array) -> Array:
        """Apply the mask of the forward pass to the upstream gradient."""
        return dy * self.mask


class AdamW(Adam):
    """Adam with decoupled weight decay; biases are not decayed."""

    def __init__(self, learning_rate: float, decay: float, network: Network) -> None:
        super().__init__(learning_rate)
        arrays = network.named_arrays().values()
        self.decayed = np.concatenate([np.full(a.size, a.ndim > 1) for a in arrays])
        self.decay = decay

    def step(self, parameters: Array, gradients: Array) -> None:
        """Shrink the weights a little, then make Adam's step."""
        parameters -= self.settings["learning_rate"] * self.decay * self.decayed * parameters
        super().step(parameters, gradients)


def make_network(seed: int, dropout: float = 0.0, width: float = 1) -> Network:
    """Return an untrained network, with `width` times as many units as the lesson's in each layer.

    With the width 1, it has 18,346 parameters. Dropout precedes each of the two dense layers.
    """
    n, drop = int(8 * width), [Dropout(dropout, seed + 100 * k) for k in (1, 2)] if dropout else []
    layers = [Conv2D(n, 3, padding=1), ReLU(), Conv2D(2 * n, 3, padding=1), ReLU()]
    layers += [MaxPooling2D(2), Flatten(), *drop[:1], Dense(8 * n), ReLU(), *drop[1:], Dense(10)]
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


def random_shifts(batch: Array, rng: np.random.Generator, by: int = 1) -> Array:
    """Move each image by up to `by` pixels in both directions; zeros come in."""
    padded = np.pad(batch, ((0, 0), (by, by), (by, by), (0, 0)))
    starts = rng.integers(0, 2 * by + 1, (len(batch), 2))
    n = batch.shape[1]
    return np.stack([p[r : r + n, q : q + n] for p, (r, q) in zip(padded, starts, strict=True)])


def fit(
    network: Network,
    training: tuple[Array, Array],
    validation: tuple[Array, Array],
    optimizer: Adam,
    epochs: int = 80,
    seed: int = 0,
    augment: Augment | None = None,
    after_epoch: Callable[[Network], Any] | None = None,
) -> tuple[Array, Array]:
    """Train, and return the validation losses and the parameters of the epoch with the lowest."""
    (X, y), rng = training, np.random.default_rng(seed)
    losses: list[float] = []
    best = network.parameters.copy()
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(len(X)), len(X) // 32 or 1):
            batch = augment(X[picked], rng) if augment else X[picked]
            scores = network.forward(batch, training=True)
            network.backward(cross_entropy_backward(scores, y[picked]))
            optimizer.step(network.parameters, network.gradients)
        losses.append(evaluate(network, *validation)[0])
        if losses[-1] == min(losses):
            best = network.parameters.copy()
        if after_epoch:
            after_epoch(network)
    return np.array(losses), best


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
