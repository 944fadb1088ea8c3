"""Images and linear maps for the lesson "From dense to convolutional layers"."""

from collections.abc import Callable, Iterable

import numpy as np

from convnet.types import Array

__all__ = ["BOXES", "CROSS", "PLUS", "SHAPE", "pluses"]

SHAPE = (8, 16, 1)  # of an image
PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
NOISE = 0.3


def pluses(m: int, columns: Iterable[int], seed: int) -> tuple[Array, Array]:
    """Create images with a plus to be found: each contains a plus, a cross, and noise.

    Parameters
    ----------
    m : int
        Number of images.
    columns : iterable of int
        Columns, from 1 to 14, in which the middle of a pattern may be.
    seed : int
        Seed of the random generator.

    Returns
    -------
    images : ndarray of float32, shape (m, 8, 16, 1)
        Images; the two patterns do not overlap.
    labels : ndarray of shape (m,)
        Position of the middle of each plus, counted row by row: 16 * row + column.
    """
    rng, (n_H, n_W, _) = np.random.default_rng(seed), SHAPE
    middles = [(h, w) for h in range(1, n_H - 1) for w in columns]
    pairs = [
        (plus, cross)
        for plus in middles
        for cross in middles
        if max(abs(plus[0] - cross[0]), abs(plus[1] - cross[1])) > 2
    ]
    images, labels = rng.normal(0, NOISE, (m, *SHAPE)), np.empty(m, dtype=int)
    for i, number in enumerate(rng.integers(len(pairs), size=m)):
        for (h, w), pattern in zip(pairs[number], (PLUS, CROSS), strict=True):
            images[i, h - 1 : h + 2, w - 1 : w + 2, 0] += pattern
        (h, w), _ = pairs[number]
        labels[i] = n_W * h + w
    return images.astype(np.float32), labels


def box_a(X: Array) -> Array:
    """Mirror an image."""
    return X[:, ::-1]


def box_b(X: Array) -> Array:
    """Replace each pixel by the mean of the 3 x 3 pixels around it."""
    padded, (n_H, n_W) = np.pad(X, 1), X.shape
    copies = [padded[r : r + n_H, q : q + n_W] for r in range(3) for q in range(3)]
    return np.mean(copies, axis=0)


def box_c(X: Array) -> Array:
    """Subtract the mean of an image from each pixel."""
    return X - X.mean()


def box_d(X: Array) -> Array:
    """Darken an image towards its corners, as simple lenses do."""
    rows, columns = (np.linspace(-1, 1, n) for n in X.shape)
    return X * (1 - 0.4 * (rows[:, None] ** 2 + columns**2))


def box_e(X: Array) -> Array:
    """Move an image two columns to the right."""
    return np.pad(X, ((0, 0), (2, 0)))[:, :-2]


def box_f(X: Array) -> Array:
    """Replace each pixel by the mean of its block of 2 x 2 pixels; both sizes must be even."""
    n_H, n_W = X.shape
    blocks = X.reshape(n_H // 2, 2, n_W // 2, 2).mean(axis=(1, 3))
    return np.kron(blocks, np.ones((2, 2)))


# Linear maps from images to images of the same size; their names do not tell what they do.
BOXES: dict[str, Callable[[Array], Array]] = dict(
    zip("ABCDEF", (box_a, box_b, box_c, box_d, box_e, box_f), strict=True)
)
