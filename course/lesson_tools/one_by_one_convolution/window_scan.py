"""Read pages of digits with the window network of `digit_page`, as a convolutional network."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.ndimage import maximum_filter

from convnet.data import Dataset
from convnet.functional import softmax
from convnet.layers import Conv2D, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.types import Array
from lesson_tools.digit_page import NOTHING, Digit, make_page, trained_window_network

__all__ = [
    "black_box",
    "changed",
    "find_digits",
    "heat_map",
    "layer_macs",
    "new_page",
    "on_pages",
    "read",
    "scores_of",
]


def new_page(data: Dataset, seed: int) -> tuple[Array, list[Digit]]:
    """Create a page of test digits, which the network has not seen."""
    rng = np.random.default_rng(seed)
    return make_page(data.test_images, data.test_labels, (64, 96), rng)


def scores_of(page: Array) -> Array:
    """Return the score map (h, w, 11) of a page; each position is a window of 12 x 12 pixels."""
    layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    scan = Network([*layers, Conv2D(32, 4), ReLU(), Conv2D(11, 1)], page.shape)
    scan.parameters[:] = trained_window_network().parameters
    return scan.forward(page[None])[0]


def heat_map(scores: Array) -> Array:
    """Return 1 - p(nothing) at each position of a score map."""
    return 1 - softmax(scores)[..., NOTHING]


def find_digits(scores: Array) -> list[Digit]:
    """Return (h, w, class) at the peaks of the evidence for a digit."""
    evidence = scores[..., :NOTHING].max(axis=-1) - scores[..., NOTHING]
    peaks = (evidence > 0) & (evidence == maximum_filter(evidence, 5))
    return [(int(h), int(w), int(scores[h, w, :NOTHING].argmax())) for h, w in np.argwhere(peaks)]


def read(scores: Array, spots: Sequence[Digit], zoom: int = 1) -> Array:
    """Count the digits that are read, the digits, and the peaks of a page.

    A digit is read if a peak of its class is within two pixels of its center.
    """
    peaks = find_digits(scores)
    centers = [(zoom * (r + 3.5), zoom * (q + 3.5), label) for r, q, label in spots]
    correct = sum(
        any(
            abs(2 * h + 5.5 - r) < 3 and abs(2 * w + 5.5 - q) < 3 and digit == label
            for h, w, digit in peaks
        )
        for r, q, label in centers
    )
    return np.array([correct, len(spots), len(peaks)])


def changed(
    page: Array,
    zoom: int = 1,
    noise: float = 0.0,
    invert: bool = False,
    shift: int = 0,
    seed: int = 0,
) -> Array:
    """Enlarge a page, add noise, invert it, and move it to the right."""
    page = page.repeat(zoom, axis=0).repeat(zoom, axis=1)
    page = page + noise * np.random.default_rng(seed).normal(size=page.shape)
    page = 1 - page if invert else page
    return np.roll(page, shift, axis=1).astype(np.float32)


def on_pages(
    pages: Sequence[tuple[Array, list[Digit]]], zoom: int = 1, **changes: Any
) -> tuple[float, float, float]:
    """Return the recall, the precision, and the number of false peaks on a page."""
    counts = [
        read(scores_of(changed(page, zoom, seed=seed, **changes)), spots, zoom)
        for seed, (page, spots) in enumerate(pages)
    ]
    correct, n_digits, n_peaks = np.sum(counts, axis=0)
    return correct / n_digits, correct / n_peaks, (n_peaks - correct) / len(pages)


def layer_macs(network: Network) -> Array:
    """Return the MACs of each layer with weights, for one image."""
    return np.array(
        [
            int(np.prod(shape[:-1])) * layer.parameters["W"].size
            for layer, shape in zip(network.layers, network.shapes, strict=True)
            if layer.parameters
        ]
    )


def black_box(n: int) -> int:
    """Return the height of the score map of an unknown network for n x n pixels."""
    unknown = [Conv2D(2, 5, stride=2), ReLU(), Conv2D(2, 3), MaxPooling2D(2), Conv2D(2, 6)]
    return Network([*unknown, Conv2D(3, 1)], (n, n, 1)).shapes[-1][0]
