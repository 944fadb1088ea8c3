"""Reproduce digits of 8 x 8 pixels from 16 numbers: networks and linear maps.

`python -m benchmarks.lessons.upsampling` compares them on several random splits of the digits, and
stores the results that `upsampling_results` loads.
"""

from functools import cache
from typing import Any

import numpy as np

from convnet.data import digits
from convnet.functional import avg_pool2d, conv_transpose2d
from convnet.layers import Conv2D, Conv2DTranspose, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam
from convnet.types import Array
from lesson_tools.stored import stored_results

__all__ = [
    "autoencoder",
    "digit_autoencoder",
    "fit",
    "from_averages",
    "full_linear_map",
    "mean_squared_error",
    "principal_components",
    "transposed",
    "upsample",
    "upsampling_results",
]

STEPS = 450  # of the training in the lesson, about a second


def transposed(A: Array, W: Array, **settings: Any) -> Array:
    """Return the transposed convolution of one channel with one kernel, by the course's library."""
    return conv_transpose2d(A[None, :, :, None], W[:, :, None, None], **settings)[0, :, :, 0]


def upsample(small: Array, kernel: Array) -> Array:
    """Double height and width with a 4 x 4 kernel; edge pixels are repeated around the image."""
    edge = np.pad(small, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    return conv_transpose2d(edge, kernel.reshape(4, 4, 1, 1), stride=2, padding=3)


def mean_squared_error(drawn: Array, target: Array) -> float:
    """Return the mean of the squared differences."""
    return float(np.mean((drawn - target) ** 2))


def autoencoder(
    channels: int = 4,
    f: int = 4,
    padding: int = 1,
    output_padding: int = 0,
    *,
    relu: bool = True,
    seed: int = 0,
) -> Network:
    """Build a network that reproduces its input from a code of shape (2, 2, channels).

    Parameters
    ----------
    channels : int
        Channels of the code.
    f, padding, output_padding : int
        Settings of the two transposed convolutions of the decoder; their stride is 2.
    relu : bool
        False to leave out both ReLU layers, which makes the network linear.
    seed : int
        Seed of the parameters.
    """
    settings = {"f": f, "stride": 2, "padding": padding, "output_padding": output_padding}
    bend: list[Layer] = [ReLU()] if relu else []
    layers: list[Layer] = [Conv2D(16, 4, stride=2, padding=1), *bend]
    layers += [Conv2D(channels, 4, stride=2, padding=1)]
    bend = [ReLU()] if relu else []
    layers += [Conv2DTranspose(16, **settings), *bend, Conv2DTranspose(1, **settings)]
    return Network(layers, (8, 8, 1), seed)


def from_averages(seed: int = 0) -> Network:
    """Build a network that draws digits from their averages over 2 x 2 pixels."""
    layers: list[Layer] = [Conv2D(32, 3, padding=1), ReLU()]
    layers += [Conv2DTranspose(16, 4, stride=2, padding=1), ReLU(), Conv2D(1, 3, padding=1)]
    return Network(layers, (4, 4, 1), seed)


def fit(
    network: Network, X: Array, target: Array, *, rate: float = 0.01, steps: int = STEPS
) -> Network:
    """Train a network to draw images, by the mean squared error, in batches of 50.

    Parameters
    ----------
    network : convnet.network.Network
        Network to train, in place.
    X, target : ndarrays of shape (m, n_H, n_W, 1)
        Inputs, and the images to draw.
    rate : float
        Learning rate of Adam.
    steps : int
        Number of steps.

    Returns
    -------
    network : convnet.network.Network
        The same network.
    """
    optimizer, rng = Adam(rate), np.random.default_rng(network.seed)
    order = np.zeros(0, int)
    for _ in range(steps):
        if len(order) < 50:
            order = rng.permutation(len(X))
        batch, order = order[:50], order[50:]
        difference = network.forward(X[batch], training=True) - target[batch]
        network.backward(2 * difference / difference.size)
        optimizer.step(network.parameters, network.gradients)
    return network


@cache
def digit_autoencoder(
    channels: int = 4,
    f: int = 4,
    padding: int = 1,
    output_padding: int = 0,
    relu: bool = True,
    seed: int = 0,
) -> Network:
    """Train an autoencoder on the course's training digits; parameters as in `autoencoder`."""
    images = digits().train_images
    network = autoencoder(channels, f, padding, output_padding, relu=relu, seed=seed)
    return fit(network, images, images)


def principal_components(images: Array, n: int) -> tuple[Array, Array]:
    """Find the n directions along which images differ most.

    Returns
    -------
    mean : ndarray of shape (64,)
        Mean image.
    directions : ndarray of shape (n, 64)
        Orthogonal unit vectors, the most important one first.
    """
    X = images.reshape(len(images), -1).astype(float)
    return X.mean(axis=0), np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2][:n]


def full_linear_map(images: Array) -> Array:
    """Fit the linear map from 16 averages and a 1 to all 64 pixels: shape (17, 64)."""
    solution, *_ = np.linalg.lstsq(averages(images), images.reshape(len(images), -1), rcond=None)
    return solution


def averages(images: Array) -> Array:
    """Return the 16 averages over 2 x 2 pixels of each image, and a 1, shape (m, 17)."""
    small = avg_pool2d(images.astype(float), 2).reshape(len(images), -1)
    return np.c_[small, np.ones(len(small))]


def upsampling_results() -> dict[str, dict[str, list[float]]]:
    """Load the results of `python -m benchmarks.lessons.upsampling`."""
    return stored_results("transposed_convolution/results.json")
