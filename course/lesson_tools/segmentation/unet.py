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
from lesson_tools.stored import stored_arrays, stored_results

__all__ = [
    "BACKGROUND",
    "INK",
    "Nested",
    "Pages",
    "WithSkip",
    "confusion",
    "fit",
    "ious",
    "load_weights",
    "make_pages",
    "segmentation_results",
    "unet",
]

BACKGROUND = 10  # class of the pixels that belong to no digit
INK = 0.4  # a pixel of a digit is at least as bright as this
NOISE = 0.2  # standard deviation of the noise
WEIGHTS = "u-net.npz"  # in this folder, of a U-Net that was trained on 1,350 pages


class Pages(NamedTuple):
    """Pages and the class of each of their pixels.

    Attributes
    ----------
    X : ndarray of float32, shape (m, n_H, n_W, 1)
        Pages with noise.
    Y : ndarray of int64, shape (m, n_H, n_W)
        Classes of the pixels: the digit, or BACKGROUND.
    used : ndarray of int
        Numbers of the images on the pages, each once.
    """

    X: Array
    Y: Array
    used: Array


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
    used: set[int] = set()
    for x, y in zip(X, Y, strict=True):
        page, digits = make_page(images, np.arange(len(images)), size, rng)
        for row, column, number in digits:
            box = np.s_[row : row + 8, column : column + 8]
            y[box][page[box][..., 0] >= INK] = labels[number]
            used.add(number)
        x[...] = page + rng.normal(0, noise, page.shape)
    return Pages(X, Y, np.array(sorted(used)))


class Nested(Layer):
    """Layers in a layer, which keep height and width; subclasses join their output to the input.

    Parameters
    ----------
    inner : list of Layer
        Layers whose output has the height and width of their input.
    """

    def __init__(self, inner: Sequence[Layer], **settings: Any) -> None:
        super().__init__(inner=[repr(layer) for layer in inner], **settings)
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
            if isinstance(layer, Nested):
                layer.share()

    def inner_forward(self, x: Array, training: bool) -> Array:
        """Compute the output of the inner layers."""
        for layer in self.inner:
            x = layer.forward(x, training)
        return x

    def inner_backward(self, dy: Array) -> Any:
        """Send a gradient back through the inner layers."""
        gradient: Any = np.ascontiguousarray(dy)
        for layer in reversed(self.inner):
            gradient = layer.backward(gradient)
        return gradient


class WithSkip(Nested):
    """A skip connection: the channels of the input, followed by those of the inner layers.

    Parameters
    ----------
    inner : list of Layer
        Layers whose output has the height and width of their input.
    """

    def forward(self, x: Array, training: bool) -> Array:
        return np.concatenate([x, self.inner_forward(x, training)], axis=-1)

    def backward(self, dy: Array) -> Array:
        return self.inner_backward(dy[..., self.channels :]) + dy[..., : self.channels]


def unet(
    shape: Shape = (32, 32, 1),
    seed: int = 0,
    skips: bool = True,
    channels: tuple[int, int, int] = (16, 32, 64),
) -> Network:
    """Build a U-Net with three levels, for the ten digits and the background.

    Parameters
    ----------
    shape : (n_H, n_W, n_C)
        Shape of a page; height and width are multiples of 4.
    seed : int
        Seed of the parameters.
    skips : bool
        False for a decoder that has twice as many channels of its own instead.
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
        doubled = Conv2DTranspose(n if skips else 2 * n, 2, stride=2)
        inner = [MaxPooling2D(2), *below, doubled]
        joined = [WithSkip(inner)] if skips else inner
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


def load_weights(network: Network) -> Network:
    """Fill a U-Net of any input size with the weights that were trained on 1,350 pages.

    `python -m benchmarks.lessons.segmentation --weights` trains them.
    """
    stored = stored_arrays(f"segmentation/{WEIGHTS}")["arrays"]
    arrays = list(network.named_arrays().values())
    parts = np.split(stored, np.cumsum([array.size for array in arrays])[:-1])
    for array, part in zip(arrays, parts, strict=True):
        array[...] = part.reshape(array.shape)
    return network


def segmentation_results() -> dict[str, Any]:
    """Load the results of `python -m benchmarks.lessons.segmentation`."""
    return stored_results("segmentation/results.json")
