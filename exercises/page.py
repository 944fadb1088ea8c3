"""Content of an exercise's page on the site: a small case, common mistakes and terms.

It is not part of the definition, because it affects no check. The page of an exercise without a
`PAGE` shows a case of its public check and its first mistakes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from convnet.types import Array

__all__ = ["Page", "bias_of", "image_of", "filter_of", "row_of"]


@dataclass(frozen=True)
class Page:
    """Content of an exercise's page.

    Attributes
    ----------
    terms
        Terms of the glossary, in reading order.
    mistakes
        Names of the most common mistakes. Their sentences must not reveal the answer.
    cases
        Arguments small enough to follow by hand. Several cases become a table.
    reading
        Text about the case. A number written as in the lessons, `[5]{= Z[0, 0] }`, is compared with
        the computed value.
    drawn
        Names of the arrays to draw; all arrays if empty.
    """

    terms: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    cases: tuple[Mapping[str, Any], ...] = ()
    reading: str = ""
    drawn: tuple[str, ...] = ()


def image_of(*channels: list[list[float]]) -> Array:
    """Return one image with these channels, of shape (1, n_H, n_W, n_C)."""
    return np.stack([np.array(channel, float) for channel in channels], axis=-1)[np.newaxis]


def filter_of(rows: list[list[float]]) -> Array:
    """Return one filter for one channel, of shape (f, f, 1, 1)."""
    return np.array(rows, float)[:, :, np.newaxis, np.newaxis]


def bias_of(*values: float) -> Array:
    return np.array(values, float).reshape(1, 1, 1, -1)


def row_of(*values: float) -> Array:
    return np.array([values], float)
