"""The edges of a photograph, drawn by the reader's own layers with trained weights.

The reader's `conv_forward` and `pool_forward`, with the assignment's parameters, run the first two
blocks of HED (`convnet.edges`). Each of their outputs is compared with what the course's layers
give for the same input, so that the first layer that is wrong is named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from convnet.edges import (
    EdgeNetwork,
    Parameters,
    enlarge,
    load_blocks,
    normalized,
    read_photo,
    sobel_edges,
)
from convnet.functional import conv2d, max_pool2d, relu
from convnet.types import Array

__all__ = ["OwnEdges", "WrongLayerError", "draw_with", "photograph", "show_own_edges"]

TOLERANCE = 1e-4  # of a layer's output, relative to its largest value; the weights are float32

Layer = Callable[..., tuple[Array, Any]]  # conv_forward or pool_forward


class WrongLayerError(ValueError):
    """A layer of the reader's gives other values than the course's; the message says where."""


@dataclass(frozen=True)
class OwnEdges:
    """What the reader's layers drew.

    Attributes
    ----------
    photo
        (n_H, n_W, 3), uint8: the photograph as it was drawn.
    edges
        (n_H, n_W): the probability of an edge at each pixel, 0 to 1.
    expected
        The same by the course's layers, from the photograph on.
    windows
        How many windows the reader's functions computed.
    """

    photo: Array
    edges: Array
    expected: Array
    windows: int

    @property
    def difference(self) -> float:
        """The largest difference between the two drawings."""
        return float(np.abs(self.edges - self.expected).max())


def photograph(name: str = "china.jpg", size: int = 128) -> Array:
    """
    Read a photograph and reduce it to a size that loops can draw.

    Parameters
    ----------
    name : str
        A file, or one of the photographs that come with scikit-learn, china.jpg and flower.jpg.
    size : int
        The length of its longer side in pixels; a shorter one stays as it is.

    Returns
    -------
    photo : array, (n_H, n_W, 3), uint8
        Height and width are even, as 2x2 pooling needs them.

    Raises
    ------
    OSError
        There is no such file, or it is no image.
    """
    from PIL import Image

    if name in ("china.jpg", "flower.jpg"):
        from sklearn.datasets import load_sample_image

        image = Image.fromarray(load_sample_image(name))
    else:
        image = Image.fromarray(read_photo(name))
    image.thumbnail((size, size))
    return np.array(image)[: image.height // 2 * 2, : image.width // 2 * 2]


def draw_with(
    conv_forward: Layer,
    pool_forward: Layer,
    photo: Array,
    network: EdgeNetwork | None = None,
    progress: bool = True,
) -> OwnEdges:
    """
    Draw the edges of a photograph with the functions of the assignment.

    Parameters
    ----------
    conv_forward, pool_forward : callable
        As in the assignment: `conv_forward(A_prev, W, b, hparameters)` returns (Z, cache), and
        `pool_forward(A_prev, hparameters, mode)` returns (A, cache).
    photo : array, (n_H, n_W, 3), uint8
        Red, green and blue, of an even height and width: see `photograph`.
    network : EdgeNetwork, optional
        Whose weights are used; else `load_blocks()`.
    progress : bool
        Whether a progress bar says which layer is computed, and how many windows it has.

    Raises
    ------
    WrongLayerError
        A layer's output has a wrong shape or wrong values.
    ValueError
        The photograph is no array as above.
    """
    from tqdm import tqdm

    if photo.ndim != 3 or photo.shape[2] != 3 or photo.shape[0] % 2 or photo.shape[1] % 2:
        raise ValueError(
            f"expected a photograph of shape (n_H, n_W, 3) with an even height and width, got "
            f"{photo.shape}; photograph(...) makes one of a file"
        )

    network = network or load_blocks()
    maps, windows = normalized(photo), _windows(network, photo)
    with tqdm(total=sum(windows), unit=" windows", disable=not progress) as bar:
        for (name, parameters), size in zip(_layers(network), windows, strict=True):
            bar.set_description(f"{name}: {size:,} windows")
            if not parameters:
                function, hparameters = "pool_forward", {"f": 2, "stride": 2}
                got, _ = pool_forward(maps, hparameters, mode="max")
                right = max_pool2d(maps, 2)
            else:
                W, b = parameters
                pad = W.shape[0] // 2
                function, hparameters = "conv_forward", {"stride": 1, "pad": pad}
                got, _ = conv_forward(maps, W, b.reshape(1, 1, 1, -1), hparameters)
                right = conv2d(maps, W, b, padding=pad)
            _refuse_if_wrong(name, function, hparameters, got, right)
            maps = relu(got) if parameters else got
            bar.update(size)
    logits = enlarge(got[0, ..., 0], photo.shape[:2])  # of the last layer, the side output
    edges = np.exp(-np.logaddexp(0, -logits))  # the sigmoid
    return OwnEdges(photo, edges, network.draw(photo), sum(windows))


def _layers(network: EdgeNetwork) -> Iterator[tuple[str, Parameters | None]]:
    """The name and the parameters of each layer up to the last side output; None: max pooling."""
    for place, block in enumerate(network.blocks, 1):
        if place > 1:
            yield f"max pooling after block {place - 1}", None
        for layer, parameters in enumerate(block, 1):
            yield f"block {place}, convolution {layer}", parameters
    yield f"side output {len(network.blocks)}", network.sides[-1]


def _windows(network: EdgeNetwork, photo: Array) -> list[int]:
    """How many windows each layer has: one for each number that comes out of it."""
    windows, n, channels = [], photo.shape[0] * photo.shape[1], photo.shape[2]
    for _, parameters in _layers(network):
        if parameters:
            channels = parameters[0].shape[3]
        else:
            n //= 4
        windows.append(n * channels)
    return windows


def _refuse_if_wrong(
    name: str, function: str, hparameters: dict[str, int], got: Any, right: Array
) -> None:
    given = ", ".join(f"{key} {value}" for key, value in hparameters.items())
    begin = f"{name}: your {function} ({given}) gives"
    if not isinstance(got, np.ndarray) or got.shape != right.shape:
        what = f"shape {got.shape}" if isinstance(got, np.ndarray) else type(got).__name__
        raise WrongLayerError(f"{begin} {what}, expected shape {right.shape}")
    wrong = ~(np.abs(got - right) <= TOLERANCE * max(1.0, float(np.abs(right).max())))
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        count = f"{int(wrong.sum()):,} of {wrong.size:,} values are wrong"
        raise WrongLayerError(
            f"{begin} {got[place]:.6g} at (i, h, w, c) = {place}, expected {right[place]:.6g}; "
            f"{count}. Run its check again, and repair the function there."
        )


def show_own_edges(drawn: OwnEdges) -> Any:
    """
    Show a photograph, its edges by Sobel's kernels, and those that the two networks drew.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Edges are black on white, as `make edges` draws them.
    """
    import matplotlib.pyplot as plt

    panels = {
        "photograph": drawn.photo,
        "Sobel's 3x3 kernels": sobel_edges(drawn.photo),
        "your layers": drawn.edges,
        "the course's layers": drawn.expected,
    }
    fig, axes = plt.subplots(2, 2, figsize=(9, 6.6), layout="constrained")
    for ax, (title, image) in zip(axes.flat, panels.items(), strict=True):
        ax.imshow(image, cmap=None if image.ndim == 3 else "gray_r", vmin=0, vmax=1)
        ax.set_title(title, loc="left")
        ax.axis("off")
    fig.suptitle(
        f"{drawn.windows:,} windows; the two drawings differ by {drawn.difference:.1e} at most"
    )
    return fig
