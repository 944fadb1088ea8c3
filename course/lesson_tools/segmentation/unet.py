"""Pages of digits with a class for every pixel, layers in layers, and measures of segmentation.

`python -m benchmarks.lessons.segmentation` trains more networks than the lesson does; it stores the
results that `segmentation_results` loads.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from convnet.layers import Layer
from convnet.network import Network
from convnet.types import Array, Shape
from lesson_tools.digit_page import make_page
from lesson_tools.stored import stored_arrays, stored_results

__all__ = [
    "BACKGROUND",
    "INK",
    "Nested",
    "Pages",
    "confusion",
    "ious",
    "load_weights",
    "make_pages",
    "segmentation_results",
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
