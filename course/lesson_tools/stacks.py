"""Follow a stack of layers along one axis: its sizes, and the entries that each output reads.

A layer is a tuple (f, s, p): kernel size, stride, and zeros on each side.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convnet.shapes import ShapeError
from convnet.sizes import conv_output_shape
from convnet.types import Array

__all__ = ["Layers", "field", "layers_of", "sizes", "unread"]

Layers = Sequence[tuple[int, int, int]]


def layers_of(given: Any) -> list[tuple[int, int, int]]:
    """Return the layers that a reader typed, as a list of tuples.

    Raises
    ------
    ValueError
        If they are not a list of layers; the message says what is expected.
    """
    expected = "expected a list of layers (f, s, p), such as [(3, 1, 0), (2, 2, 0)]"
    layers = []
    try:
        for f, s, p in given:
            if (f, s, p) != (int(f), int(s), int(p)):
                raise ValueError
            layers.append((int(f), int(s), int(p)))
    except (TypeError, ValueError):
        raise ValueError(f"{expected}, got {given!r}") from None
    for f, s, p in layers:
        if f < 1 or s < 1 or p < 0:
            raise ValueError(f"{f, s, p} needs f and s of at least 1, and p of at least 0")
        if p >= f:
            raise ValueError(f"in {f, s, p} some windows contain only zeros, as p is not below f")
    return layers


def sizes(n: int, layers: Layers) -> list[int]:
    """Return n and the size after each layer, up to the first layer that does not fit."""
    found = [n]
    for f, s, p in layers:
        try:
            found.append(conv_output_shape((found[-1], found[-1]), f, s, p)[0])
        except ShapeError:
            break
    return found


def field(layers: Layers) -> tuple[int, int]:
    """Return the receptive field and the total stride of a stack."""
    R, S = 1, 1
    for f, s, _ in layers:
        R, S = R + (f - 1) * S, S * s
    return R, S


def unread(n: int, layers: Layers) -> Array:
    """Return a mask of the n entries that no output of the stack reads; all layers must fit."""
    before = sizes(n, layers)
    read = np.ones(before[-1], dtype=bool)
    for (f, s, p), size in zip(reversed(layers), reversed(before[:-1]), strict=True):
        padded = np.zeros(size + 2 * p, dtype=bool)
        for start in np.flatnonzero(read) * s:
            padded[start : start + f] = True
        read = padded[p : p + size]
    return ~read
