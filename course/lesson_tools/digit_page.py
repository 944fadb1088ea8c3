"""A page of handwritten digits, and a network that was trained on windows of such pages.

The weights come with the course, so that a lesson counts the same recognized digits on every
machine. `python -m tools.window_weights` creates them.
"""

import numpy as np

from convnet.data import Dataset
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, train
from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = [
    "NOTHING",
    "WEIGHTS",
    "make_page",
    "make_windows",
    "train_window_network",
    "trained_window_network",
    "window_network",
]

NOTHING = 10  # class of a window without a digit in its middle
WEIGHTS = "window-network.npz"  # in the folder `maps`

Digit = tuple[int, int, int]


def make_page(
    images: Array, labels: Array, size: tuple[int, int], rng: np.random.Generator
) -> tuple[Array, list[Digit]]:
    """Create a black page with a digit in about three quarters of its squares of 16 x 16 pixels.

    Parameters
    ----------
    images : ndarray of shape (m, 8, 8, 1)
        Digits to choose from.
    labels : ndarray of shape (m,)
        Classes of the digits.
    size : (n_H, n_W)
        Size of the page.
    rng : numpy.random.Generator
        Random generator of the digits and their positions.

    Returns
    -------
    page : ndarray of float32, shape (n_H, n_W, 1)
        The page.
    digits : list of (row, column, class)
        Upper left corner and class of each digit.
    """
    page, spots = np.zeros((*size, 1), np.float32), []
    for top in range(0, size[0] - 15, 16):
        for left in range(0, size[1] - 15, 16):
            row, column = int(top + rng.integers(2, 7)), int(left + rng.integers(2, 7))
            if rng.random() < 0.75:
                number = rng.integers(len(images))
                page[row : row + 8, column : column + 8] = images[number]
                spots.append((row, column, int(labels[number])))
    return page, spots


def make_windows(data: Dataset, pages: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Cut windows out of pages: half of them with a digit in the middle, half of them without.

    Parameters
    ----------
    data : convnet.data.Dataset
        Data set, whose training digits are used.
    pages : int
        Number of pages, of 96 x 96 pixels.
    rng : numpy.random.Generator
        Random generator of the pages and windows.

    Returns
    -------
    X : ndarray of float32, shape (m, 12, 12, 1)
        Windows.
    classes : ndarray of shape (m,)
        Digit in the middle of each window, or NOTHING.
    """
    X, classes = [], []
    for _ in range(pages):
        page, spots = make_page(data.train_images, data.train_labels, (96, 96), rng)
        corners = np.array(spots)[:, :2]
        for row, column, label in spots:
            r, q = row - 2 + rng.integers(-1, 2), column - 2 + rng.integers(-1, 2)
            r, q = np.clip((r, q), 0, 84)
            X.append(page[r : r + 12, q : q + 12])
            classes.append(label)
            while True:  # no digit within two pixels of the middle
                r, q = rng.integers(0, 85, 2)
                if np.abs(corners - (r + 2, q + 2)).max(axis=1).min() > 2:
                    break
            X.append(page[r : r + 12, q : q + 12])
            classes.append(NOTHING)
    return np.array(X), np.array(classes)


def trained_window_network() -> Network:
    """Load the network of 11 classes for windows of 12 x 12 pixels, with its stored weights."""
    network = window_network()
    network.parameters[:] = stored_arrays(f"data/{WEIGHTS}")["parameters"]
    return network


def train_window_network(data: Dataset, pages: int = 150) -> Network:
    """Train the network from scratch, in seconds; weights differ slightly between machines."""
    X, classes = make_windows(data, pages, np.random.default_rng(0))
    network = window_network()
    train(network, X, classes, epochs=4, optimizer=Adam(6e-3), progress=False)
    train(network, X, classes, epochs=2, optimizer=Adam(6e-4), progress=False)
    return network


def window_network(seed: int = 0) -> Network:
    """Build the untrained network of 11 classes for windows of 12 x 12 pixels."""
    layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    layers += [Flatten(), Dense(32), ReLU(), Dense(11)]
    return Network(layers, (12, 12, 1), seed)
