"""Read pages of digits with the window network of `digit_page`, as a convolutional network."""

from collections.abc import Sequence

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
    "digits_of_pi",
    "find_digits",
    "heat_map",
    "layer_macs",
    "new_page",
    "read",
    "scores_of",
    "write_page",
]


def new_page(data: Dataset, seed: int) -> tuple[Array, list[Digit]]:
    """Create a page of test digits, which the network has not seen."""
    rng = np.random.default_rng(seed)
    return make_page(data.test_images, data.test_labels, (64, 96), rng)


def write_page(data: Dataset, lines: Sequence[str], seed: int = 0) -> tuple[Array, list[Digit]]:
    """Write lines with random test digits, one in each square of 16 x 16 pixels.

    Characters other than digits leave their squares empty.
    """
    rng, width = np.random.default_rng(seed), max(map(len, lines))
    page, spots = np.zeros((16 * len(lines), 16 * width, 1), np.float32), []
    for top, line in enumerate(lines):
        for left, character in enumerate(line):
            if character in "0123456789":
                row, column = (int(n) for n in 16 * np.array([top, left]) + rng.integers(2, 7, 2))
                number = rng.choice(np.flatnonzero(data.test_labels == int(character)))
                page[row : row + 8, column : column + 8] = data.test_images[number]
                spots.append((row, column, int(character)))
    return page, spots


def digits_of_pi(count: int, width: int) -> list[str]:
    """Return the first digits of pi, 3 included, in lines of the same width."""
    one = 10 ** (count + 9)  # ten more digits than needed, for the rounding

    def arctan(n: int) -> int:
        """Return the arc tangent of 1 / n, times `one`."""
        term, total, k = one // n, 0, 1
        while term:
            total += (2 - k % 4) * (term // k)
            term, k = term // n**2, k + 2
        return total

    text = str(4 * (4 * arctan(5) - arctan(239)))[:count]  # Machin's formula
    return [text[i : i + width] for i in range(0, count, width)]


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
