"""A project: can a small network, or a few numbers on top of Sobel's kernels, draw like HED?

The targets are the drawings of HED's first two blocks, 260,289 parameters, on the photographs that
come with the course. A *split* divides these photographs at random into six to train with, two for
validation and four for the test.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from convnet.data import SAMPLE_IMAGES
from convnet.edges import load_blocks
from convnet.functional import conv2d
from convnet.layers import Conv2D, ReLU
from convnet.network import Network
from convnet.own_edges import photograph
from convnet.training import Adam
from convnet.types import Array
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.stored import stored_results

__all__ = [
    "RATES",
    "SCALES",
    "Photo",
    "agreement",
    "fit_network",
    "fit_sobel",
    "photos",
    "small_network",
    "split",
    "stored",
]

SIZE = 192  # pixels of a photograph's longer side
CROP = 32  # height and width of the crops that the network learns from
RATES = (3e-4, 1e-3, 3e-3, 1e-2)
SCALES = ((1,), (2,), (1, 2), (0, 1, 2))  # standard deviations of the blur before Sobel's kernels

Draw = Callable[[Array], Array]  # from a grayscale photograph to probabilities of an edge


class Photo(NamedTuple):
    """A photograph in color, in gray from -2 to 2, and HED's drawing, from 0 to 1."""

    color: Array
    gray: Array
    hed: Array


@functools.cache
def photos() -> dict[str, Photo]:
    """Return the photographs of the course with HED's drawings; it takes two seconds."""
    hed = load_blocks()
    colors = {name: photograph(name, SIZE) for name in SAMPLE_IMAGES}
    return {
        name: Photo(color, (color.mean(axis=2) - 128) / 64, hed.draw(color))
        for name, color in colors.items()
    }


def split(seed: int) -> tuple[list[str], list[str], list[str]]:
    """Return the names of six photographs to train with, two for validation and four to test."""
    names = np.random.default_rng(seed).permutation(SAMPLE_IMAGES).tolist()
    return names[:6], names[6:8], names[8:]


def agreement(draw: Draw, names: Sequence[str]) -> list[float]:
    """Return the correlation of a drawing with HED's, for each photograph."""
    pairs = [(draw(photos()[name].gray), photos()[name].hed) for name in names]
    return [float(np.corrcoef(drawn.ravel(), hed.ravel())[0, 1]) for drawn, hed in pairs]


def stored() -> dict[str, Any]:
    """Load the results of `benchmarks.lessons.project`: both methods, tuned and tested."""
    return stored_results("project/results.json")


def small_network(seed: int) -> Network:
    """Build three convolutions of 5x5, with 2,017 parameters; an output value sees 13x13 pixels."""
    layers = [Conv2D(8, 5, padding=2), ReLU(), Conv2D(8, 5, padding=2), ReLU()]
    return Network([*layers, Conv2D(1, 5, padding=2)], (CROP, CROP, 1), seed)


def fit_network(names: Sequence[str], rate: float, seed: int, steps: int = 600) -> Draw:
    """Train the small network on random crops of photographs, 16 in each mini-batch."""
    rng = np.random.default_rng(seed)
    network, optimizer = small_network(seed), Adam(rate)
    for _ in range(steps):
        crops = [_crop(photos()[str(name)], rng) for name in rng.choice(names, 16)]
        X, Y = (np.stack(part)[..., None].astype(np.float32) for part in zip(*crops, strict=True))
        p = expit(network.forward(X, training=True))
        network.backward((p - Y) / np.float32(Y.size))  # the gradient of the binary cross-entropy
        optimizer.step(network.parameters, network.gradients)

    def draw(gray: Array) -> Array:
        A = gray[None, :, :, None].astype(np.float32)
        for layer in network.layers:
            A = layer.forward(A, training=False)
        return expit(A[0, :, :, 0])

    return draw


def _crop(photo: Photo, rng: np.random.Generator) -> tuple[Array, Array]:
    n_H, n_W = photo.gray.shape
    top, left = rng.integers(0, n_H - CROP + 1), rng.integers(0, n_W - CROP + 1)
    window = slice(top, top + CROP), slice(left, left + CROP)
    return photo.gray[window], photo.hed[window]


def fit_sobel(names: Sequence[str], scales: Sequence[int]) -> Draw:
    """Fit a logistic regression of Sobel's edges at several scales: a number for each, and a bias.

    It uses the square root of each edge strength.
    """
    X = np.concatenate([_strengths(photos()[name].gray, scales) for name in names])
    Y = np.concatenate([photos()[name].hed.ravel() for name in names])
    weights = np.zeros(X.shape[1])
    for _ in range(25):  # Newton's method
        p = expit(X @ weights)
        curvature = (X * (p * (1 - p))[:, None]).T @ X + 1e-6 * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, X.T @ (p - Y))

    def draw(gray: Array) -> Array:
        return expit(_strengths(gray, scales) @ weights).reshape(gray.shape)

    return draw


def _strengths(gray: Array, scales: Sequence[int]) -> Array:
    """Return a row for each pixel: the root of its edge strength at each scale, and a 1."""
    W = np.stack([SOBEL_X, SOBEL_X.T], axis=-1)[:, :, None]
    columns = []
    for scale in scales:
        edges = conv2d(np.pad(_blurred(gray, scale), 1, mode="edge")[None, :, :, None], W)[0]
        columns.append(np.sqrt(np.hypot(edges[..., 0], edges[..., 1])).ravel())
    return np.column_stack([*columns, np.ones(gray.size)])


def _blurred(gray: Array, deviation: int) -> Array:
    if not deviation:
        return gray
    reach = np.arange(-3 * deviation, 3 * deviation + 1)
    kernel = np.exp(-(reach**2) / (2 * deviation**2))
    kernel /= kernel.sum()
    padded = np.pad(gray, 3 * deviation, mode="edge")
    return conv2d(padded[None, :, :, None], np.outer(kernel, kernel)[:, :, None, None])[0, :, :, 0]
