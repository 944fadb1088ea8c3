"""Activation functions as layers, and the data and measurements of the lesson "Activations"."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convnet.layers import Layer
from convnet.types import Array

__all__ = [
    "Activation",
    "activate",
    "compete",
    "gradient_norms",
    "inverted",
    "lines",
    "patients",
    "weights",
]

NOISE = 0.3


def activate(name: str, Z: Array) -> tuple[Array, Array]:
    """Apply an activation function.

    Parameters
    ----------
    name : str
        "ReLU", "sigmoid", "tanh", "GELU" or "SiLU".
    Z : ndarray
        Output of the layer before.

    Returns
    -------
    A, derivative : ndarrays of the shape of Z
        Activations, and the derivative of the function at each entry of Z; 0 at the kink of ReLU.
    """
    if name == "ReLU":
        return np.where(Z > 0, Z, 0), np.where(Z > 0, 1, 0).astype(Z.dtype)
    if name == "tanh":
        A = np.tanh(Z)
        return A, 1 - A**2
    if name == "sigmoid":
        A = np.tanh(Z / 2) / 2 + 0.5
        return A, A - A**2
    if name == "SiLU":
        A = np.tanh(Z / 2) / 2 + 0.5
        return Z * A, A + Z * (A - A**2)
    probability = np.vectorize(math.erf)(Z / math.sqrt(2)) / 2 + 0.5  # normal distribution
    return Z * probability, probability + Z * np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi)


class Activation(Layer):
    """A layer that applies an activation function.

    Parameters
    ----------
    name : str
        Name of the function, as for `activate`, or "no activation", which changes nothing.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)

    def forward(self, x: Array, training: bool) -> Array:
        if self.settings["name"] == "no activation":
            self.saved = 1
            return x
        A, self.saved = activate(self.settings["name"], x)
        return A

    def backward(self, dy: Array) -> Array:
        return dy * self.saved


def lines(m: int, seed: int) -> tuple[Array, Array]:
    """Create gray images with noise, half of them with a line that is brighter or darker than gray.

    Parameters
    ----------
    m : int
        Number of images.
    seed : int
        Seed of the random generator.

    Returns
    -------
    images : ndarray of float32, shape (m, 8, 8, 1)
        Images, in which 0 is gray. A line is vertical, at any column, and adds 1 or -1.
    labels : ndarray of shape (m,)
        1 if there is a line, 0 if there is none.
    """
    rng = np.random.default_rng(seed)
    images = rng.normal(0, NOISE, (m, 8, 8, 1))
    contrast = rng.permutation(np.resize([0, 1, 0, -1], m))
    images[np.arange(m), :, rng.integers(8, size=m)] += contrast[:, None, None]
    return images.astype(np.float32), np.abs(contrast)


def inverted(images: Array, seed: int) -> Array:
    """Return a copy of images with values from 0 to 1 in which about half are negatives."""
    chosen = np.random.default_rng(seed).random(len(images)) < 0.5
    return np.where(chosen[:, None, None, None], 1 - images, images)


def compete(
    accuracy: Callable[..., float],
    arms: Sequence[str],
    rates: Sequence[float],
    sets: Sequence[tuple[Array, Array]],
    test_set: tuple[Array, Array],
    **settings: Any,
) -> tuple[dict[str, list[float]], dict[str, list[list[float]]]]:
    """Train networks of several kinds, each with the best of several learning rates.

    Parameters
    ----------
    accuracy : callable
        Function of an arm, a learning rate, a training set, a test set, a seed and the settings,
        which trains a network and returns its accuracy on the test set.
    arms : sequence of str
        Kinds of networks.
    rates : sequence of float
        Learning rates to choose from.
    sets : two pairs of images and labels
        Training sets. To choose the rate, networks are trained on one and tested on the other.
    test_set : pair of images and labels
        Test set of the final networks.

    Returns
    -------
    tuning : dict
        By arm, the mean accuracy for each rate on the images that were not used for training.
    accuracies : dict
        By arm, for each training set, the test accuracies of five seeds with the best rate.
    """
    pairs = [(sets[0], sets[1]), (sets[1], sets[0])]
    tuning, accuracies = {}, {}
    for arm in arms:
        tuning[arm] = [
            float(np.mean([accuracy(arm, rate, *pair, 9, **settings) for pair in pairs]))
            for rate in rates
        ]
        rate = rates[int(np.argmax(tuning[arm]))]
        accuracies[arm] = [
            [accuracy(arm, rate, used, test_set, seed, **settings) for seed in range(5)]
            for used in sets
        ]
    return tuning, accuracies


def gradient_norms(name: str, variance: float) -> list[float]:
    """Measure the gradient in a network of 20 dense layers of 100 units with random weights.

    Parameters
    ----------
    name : str
        Activation function, as for `activate`.
    variance : float
        Variance of the weights.

    Returns
    -------
    norms : list of float
        L2 norm of the gradient with respect to the input of each layer, the first layer first.
    """
    rng = np.random.default_rng(0)
    A, layers = rng.standard_normal((50, 100)), []
    for _ in range(20):
        W = rng.standard_normal((100, 100)) * np.sqrt(variance)
        A, derivative = activate(name, A @ W)
        layers.append((W, derivative))
    dA = rng.standard_normal(A.shape)
    norms: list[float] = []
    for W, derivative in reversed(layers):
        dA = (dA * derivative) @ W.T
        norms.insert(0, float(np.linalg.norm(dA)))
    return norms


def weights(slope: float, first_rate: float) -> list[float]:
    """Train the unit a = g(w x + b) to output half of its input, from w = 1 and b = 0 on.

    Parameters
    ----------
    slope : float
        Factor of z in g(z) where z is negative: 0 for ReLU.
    first_rate : float
        Learning rate of the first step; it is 0.02 in the 100 others.

    Returns
    -------
    weights : list of float
        The weight w before the first step and after each step.
    """
    x = np.arange(1.0, 6)
    w, b, kept = 1.0, 0.0, [1.0]
    for step in range(101):
        z = w * x + b
        derivative = np.where(z > 0, 1, slope)
        dz = 2 * (derivative * z - x / 2) / len(x) * derivative
        rate = first_rate if step == 0 else 0.02
        w, b = w - rate * float(np.sum(dz * x)), b - rate * float(np.sum(dz))
        kept.append(w)
    return kept


def patients() -> dict[str, tuple[str, Array]]:
    """Return six units by letter: the activation function, and z for 300 examples."""
    rng = np.random.default_rng(11)
    sides = rng.choice([-1.0, 1.0], 300)
    return {
        "A": ("ReLU", rng.normal(-4, 1.1, 300).clip(-8, -0.8)),
        "B": ("tanh", rng.normal(0, 1.2, 300)),
        "C": ("ReLU", rng.normal(5, 1.2, 300).clip(1, 9)),
        "D": ("sigmoid", sides * rng.normal(8, 0.8, 300)),
        "E": ("ReLU", rng.normal(-1.5, 1.5, 300)),
        "F": ("tanh", rng.normal(0, 0.04, 300)),
    }
