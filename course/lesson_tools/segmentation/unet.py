"""Pages of digits with a class for every pixel, small U-Nets, and measures of segmentation.

`python -m benchmarks.lessons.segmentation` trains more networks than the lesson does; it stores the
results that `segmentation_results` loads.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from convnet.functional import cross_entropy_backward
from convnet.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Layer,
    MaxPooling2D,
    ReLU,
)
from convnet.network import Network
from convnet.training import Adam
from convnet.types import Array, Shape
from lesson_tools.digit_page import make_page
from lesson_tools.stored import stored_results

__all__ = [
    "BACKGROUND",
    "INK",
    "Pages",
    "Repeat",
    "WithSkip",
    "confusion",
    "fit",
    "ious",
    "make_pages",
    "segmentation_results",
    "unet",
]

BACKGROUND = 10  # class of the pixels that belong to no digit
INK = 0.4  # a pixel of a digit is at least as bright as this
NOISE = 0.2  # standard deviation of the noise


class Pages(NamedTuple):
    """Pages and the class of each of their pixels.

    Attributes
    ----------
    X : ndarray of float32, shape (m, n_H, n_W, 1)
        Pages with noise.
    Y : ndarray of int64, shape (m, n_H, n_W)
        Classes of the pixels: the digit, or BACKGROUND.
    """

    X: Array
    Y: Array


def make_pages(
    images: Array,
    labels: Array,
    m: int,
    seed: int,
    size: tuple[int, int] = (32, 32),
    noise: float = NOISE,
) -> Pages:
    """Create pages of digits, with noise, and the class of each pixel.

    Parameters
    ----------
    images, labels
        Digits to choose from, as for `lesson_tools.digit_page.make_page`.
    m : int
        Number of pages.
    seed : int
        Seed of the random generator.
    size : (n_H, n_W)
        Size of a page, multiples of 16.
    noise : float
        Standard deviation of the noise.

    Returns
    -------
    pages : Pages
        The pages and their labels.
    """
    rng = np.random.default_rng(seed)
    X, Y = np.zeros((m, *size, 1), np.float32), np.full((m, *size), BACKGROUND)
    for x, y in zip(X, Y, strict=True):
        page, digits = make_page(images, labels, size, rng)
        for row, column, label in digits:
            box = np.s_[row : row + 8, column : column + 8]
            y[box][page[box][..., 0] >= INK] = label
        x[...] = page + rng.normal(0, noise, page.shape)
    return Pages(X, Y)


class WithSkip(Layer):
    """A skip connection: the channels of the input, followed by those of inner layers.

    Parameters
    ----------
    inner : list of Layer
        Layers whose output has the height and width of their input.
    zeros : bool
        True to replace the channels of the input by zeros, which cuts the connection.
    """

    def __init__(self, inner: Sequence[Layer], zeros: bool = False) -> None:
        super().__init__(inner=[repr(layer) for layer in inner], zeros=zeros)
        self.inner = list(inner)

    def build(self, shape: Shape) -> tuple[Shape, dict[str, Shape]]:
        sizes: dict[str, Shape] = {}
        self.channels, x = shape[2], shape
        for number, layer in enumerate(self.inner):
            x, parameters = layer.build(x)
            sizes |= {f"{number}/{name}": size for name, size in parameters.items()}
        if x[:2] != shape[:2]:
            raise ValueError(f"the inner layers give {x[:2]}, expected {shape[:2]}, as the input")
        return (*shape[:2], shape[2] + x[2]), sizes

    def initialize(self, rng: np.random.Generator) -> None:
        """Initialize the inner layers, whose arrays are those of this layer."""
        self.share()
        for number, layer in enumerate(self.inner):
            layer.in_network = True
            layer.initialize(rng)
            self.state |= {f"{number}/{name}": array for name, array in layer.state.items()}

    def share(self) -> None:
        """Give the inner layers views of this layer's parameters and gradients."""
        for number, layer in enumerate(self.inner):
            for inner, own in (
                (layer.parameters, self.parameters),
                (layer.gradients, self.gradients),
            ):
                for name, array in own.items():
                    if name.startswith(f"{number}/"):
                        inner[name.partition("/")[2]] = array
            if isinstance(layer, WithSkip):
                layer.share()

    def forward(self, x: Array, training: bool) -> Array:
        y = x
        for layer in self.inner:
            y = layer.forward(y, training)
        if self.settings["zeros"]:
            x = np.zeros_like(x)
        return np.concatenate([x, y], axis=-1)

    def backward(self, dy: Array) -> Array:
        dx = dy[..., : self.channels]
        gradient: Any = np.ascontiguousarray(dy[..., self.channels :])
        for layer in reversed(self.inner):
            gradient = layer.backward(gradient)
        return gradient if self.settings["zeros"] else dx + gradient


class Repeat(Layer):
    """Upsampling by a factor of 2: every pixel is repeated in a block of 2 x 2."""

    def build(self, shape: Shape) -> tuple[Shape, dict[str, Shape]]:
        return (2 * shape[0], 2 * shape[1], shape[2]), {}

    def forward(self, x: Array, training: bool) -> Array:
        return x.repeat(2, axis=1).repeat(2, axis=2)

    def backward(self, dy: Array) -> Array:
        m, n_H, n_W, n_C = dy.shape
        return dy.reshape(m, n_H // 2, 2, n_W // 2, 2, n_C).sum(axis=(2, 4))


UP: dict[str, Callable[[int], list[Layer]]] = {
    "transposed, f = 2": lambda n: [Conv2DTranspose(n, 2, stride=2)],
    "repeat, f = 3": lambda n: [Repeat(), Conv2D(n, 3, padding=1)],
}


def unet(
    shape: Shape = (32, 32, 1),
    seed: int = 0,
    skips: str = "on",
    up: str = "transposed, f = 2",
    channels: tuple[int, int, int] = (16, 32, 64),
) -> Network:
    """Build a U-Net with three levels, for the ten digits and the background.

    Parameters
    ----------
    shape : (n_H, n_W, n_C)
        Shape of a page; height and width are multiples of 4.
    seed : int
        Seed of the parameters.
    skips : str
        "on"; "off" for zeros in place of the encoder's maps; "none" for a decoder that has twice
        as many channels of its own instead.
    up : str
        Layers that double height and width, a key of `UP`.
    channels : tuple of int
        Channels of the maps in the three levels.

    Returns
    -------
    network : convnet.network.Network
        The untrained network.
    """

    def block(n: int) -> list[Layer]:
        return [Conv2D(n, 3, padding=1), BatchNormalization(), ReLU()]

    def level(n: int, below: list[Layer]) -> list[Layer]:
        """Layers of one level, with those of all levels below it."""
        inner = [MaxPooling2D(2), *below, *UP[up](n if skips != "none" else 2 * n)]
        joined = inner if skips == "none" else [WithSkip(inner, zeros=skips == "off")]
        return [*block(n), *joined, *block(n)]

    first, second, third = channels
    layers = level(first, level(second, block(third)))
    return Network([*layers, Conv2D(BACKGROUND + 1, 1)], shape, seed)


def fit(
    network: Network,
    pages: Pages,
    *,
    epochs: int,
    rate: float,
    batch: int = 8,
    seed: int = 0,
    weights: Array | None = None,
    after_epoch: Callable[[int], Any] | None = None,
) -> Network:
    """Train a network to classify every pixel; the learning rate falls along a cosine.

    Parameters
    ----------
    network : convnet.network.Network
        Network to train, in place.
    pages : Pages
        Training pages.
    epochs, batch, seed : int
        Number of epochs, pages in a mini-batch, seed of the shuffling.
    rate : float
        Learning rate of Adam at the start.
    weights : ndarray of shape (11,), optional
        Factor of the loss of each class's pixels.
    after_epoch : callable, optional
        Function of the number of finished epochs, called after each.

    Returns
    -------
    network : convnet.network.Network
        The same network.
    """
    rng, optimizer = np.random.default_rng(seed), Adam(rate)
    steps, done = epochs * -(-len(pages.X) // batch), 0
    for epoch in range(epochs):
        order = rng.permutation(len(pages.X))
        for start in range(0, len(order), batch):
            picked = order[start : start + batch]
            scores, labels = network.forward(pages.X[picked], training=True), pages.Y[picked]
            gradient = cross_entropy_backward(scores.reshape(labels.size, -1), labels.ravel())
            if weights is not None:
                of_pixels = weights[labels.ravel()]
                gradient *= (of_pixels / of_pixels.mean())[:, None]
            network.backward(gradient.reshape(scores.shape).astype(network.dtype))
            optimizer.settings["learning_rate"] = rate / 2 * (1 + np.cos(np.pi * done / steps))
            optimizer.step(network.parameters, network.gradients)
            done += 1
        if after_epoch:
            after_epoch(epoch + 1)
    return network


def confusion(predicted: Array, truth: Array) -> Array:
    """Count the pixels of each true class (row) and predicted class (column)."""
    counts = np.zeros((BACKGROUND + 1, BACKGROUND + 1), int)
    np.add.at(counts, (truth.ravel(), predicted.ravel()), 1)
    return counts


def ious(predicted: Array, truth: Array) -> Array:
    """Return the IoU of each class, over all pixels of all pages."""
    counts = confusion(predicted, truth)
    both = np.diag(counts)
    return both / np.maximum(counts.sum(axis=0) + counts.sum(axis=1) - both, 1)


def segmentation_results() -> dict[str, Any]:
    """Load the results of `python -m benchmarks.lessons.segmentation`."""
    return stored_results("segmentation/results.json")
