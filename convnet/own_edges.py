"""Draw the edges of a photograph with the reader's own layers and trained weights.

The reader's `conv_forward` and `pool_forward`, with the assignment's parameters, run the first two
blocks of HED (`convnet.edges`). Each output is compared with that of the course's layer, so the
error names the first wrong layer.

A large photograph is convolved in strips of rows, so that a `conv_forward` that builds the im2col
matrix of its whole input needs a bounded amount of memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from convnet.data import SAMPLE_IMAGES, load_sample_image
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
from convnet.progress import progress_bar
from convnet.types import Array, FilePath

__all__ = ["OwnEdges", "WrongLayerError", "draw_with", "photograph", "show_own_edges"]

SIDE = "side output"  # prefix of the names of side outputs

TOLERANCE = 1e-4  # relative to the largest value of a layer's output; the weights are float32

STRIP_BYTES = 64 * 2**20  # size of the im2col matrix of a strip, in the feature maps' dtype

Layer = Callable[..., tuple[Array, Any]]  # conv_forward or pool_forward


class WrongLayerError(ValueError):
    """Raised if a layer by the reader returns different values than the course's layer."""


@dataclass(frozen=True)
class OwnEdges:
    """A drawing by the reader's layers.

    Attributes
    ----------
    photo
        Photograph that was drawn, (n_H, n_W, 3), uint8.
    edges
        Probability of an edge at each pixel, (n_H, n_W), 0 to 1.
    expected
        Probabilities computed by the course's layers.
    windows
        Number of windows that the reader's functions computed.
    """

    photo: Array
    edges: Array
    expected: Array
    windows: int

    @property
    def difference(self) -> float:
        """The largest difference between the two drawings."""
        return float(np.abs(self.edges - self.expected).max())


def photograph(name: FilePath | BinaryIO = "china.jpg", size: int = 128) -> Array:
    """Read a photograph and reduce it, by default to a size that loops can process.

    Parameters
    ----------
    name : path or file
        File, or name of an image that comes with the course, such as china.jpg: see
        `load_sample_image`. Grayscale is converted to color.
    size : int
        Length of the longer side in pixels; smaller photographs are not enlarged.

    Returns
    -------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Photograph with even height and width, as required by 2x2 pooling.

    Raises
    ------
    OSError
        If the file does not exist or is not an image.
    """
    from PIL import Image

    known = isinstance(name, str) and name in SAMPLE_IMAGES
    image = Image.fromarray(load_sample_image(str(name)) if known else read_photo(name))
    image = image.convert("RGB")
    image.thumbnail((size, size))
    return np.array(image)[: image.height // 2 * 2, : image.width // 2 * 2]


def draw_with(
    conv_forward: Layer,
    pool_forward: Layer | None,
    photo: Array,
    network: EdgeNetwork | None = None,
    progress: bool = True,
) -> OwnEdges:
    """Draw the edges of a photograph with the functions of the assignment.

    Parameters
    ----------
    conv_forward, pool_forward : callable
        Functions of the assignment: `conv_forward(A_prev, W, b, hparameters)` returns (Z, cache),
        and `pool_forward(A_prev, hparameters, mode)` returns (A, cache). If `pool_forward` is None,
        the course's pooling layer is used.
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Red, green and blue, with even height and width: see `photograph`.
    network : EdgeNetwork, optional
        Network with the weights; by default `load_blocks()`.
    progress : bool
        True to show a progress bar with the current layer and its number of windows.

    Raises
    ------
    WrongLayerError
        If a layer's output has a wrong shape or wrong values.
    ValueError
        If the photograph does not have the required shape.
    """
    network = network or load_blocks()
    step = 2 ** (len(network.blocks) - 1)  # total stride of the last block
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.shape[0] % step or photo.shape[1] % step:
        sizes = "an even height and width" if step == 2 else f"sizes that {step} divides"
        raise ValueError(
            f"expected a photograph of shape (n_H, n_W, 3) with {sizes}, got {photo.shape}; "
            "use photograph(...) to read one from a file"
        )
    own = course = normalized(photo)  # feature maps of the reader's and of the course's layers
    windows = _windows(network, photo)
    sides = []
    with progress_bar(total=sum(windows), unit=" windows", disable=not progress) as bar:
        for (name, parameters), size in zip(_layers(network), windows, strict=True):
            bar.set_description(f"{name}: {size:,} windows")
            if parameters:
                outputs = _convolved(conv_forward, own, course, parameters, name, bar.update)
                if name.startswith(SIDE):
                    sides.append(outputs)
                else:
                    own, course = map(relu, outputs)
            else:
                own, course = _pooled(pool_forward, own, course, name)
                bar.update(size)
    drawn, expected = (_drawn(outputs, network, photo) for outputs in zip(*sides, strict=True))
    return OwnEdges(photo, drawn, expected, windows=sum(windows))


def _drawn(outputs: Sequence[Array], network: EdgeNetwork, photo: Array) -> Array:
    """Compute the probabilities of an edge from the logits of one or of all side outputs."""
    n_H, n_W, _ = photo.shape
    enlarged = [enlarge(output[0, ..., 0], (n_H, n_W)) for output in outputs]
    weights, bias = network.fuse or (np.ones(1, np.float32), 0)
    logits = sum(weight * z for weight, z in zip(weights, enlarged, strict=True)) + bias
    return np.exp(-np.logaddexp(0, -logits))  # the sigmoid


def _convolved(
    conv_forward: Layer,
    own: Array,
    course: Array,
    parameters: Parameters,
    name: str,
    update: Callable[[int], object],
) -> tuple[Array, Array]:
    """Compute the outputs of a convolution of stride 1, by the reader's and the course's layer.

    The reader's function computes them in strips of rows. Each strip includes `pad` more input rows
    above and below. The outputs of these extra rows are dropped, because their windows are cut off.
    """
    W, b = parameters
    hparameters = {"stride": 1, "pad": W.shape[0] // 2}
    right = conv2d(course, W, b, padding=hparameters["pad"])
    result = np.empty(right.shape, right.dtype)
    for top, bottom in _strips(own, W):
        first = max(top - hparameters["pad"], 0)
        strip = own[:, first : bottom + hparameters["pad"]]
        got, _ = conv_forward(strip, W, b.reshape(1, 1, 1, -1), dict(hparameters))
        layer = f"{name}: your conv_forward ({_listed(hparameters)})"
        _refuse_wrong_shape(layer, got, (*strip.shape[:3], W.shape[3]))
        inside = got[:, top - first : bottom - first]
        _refuse_wrong_values(layer, inside, right, top)
        result[:, top:bottom] = inside
        update(inside.size)
    return result, right


def _strips(maps: Array, W: Array) -> Iterator[tuple[int, int]]:
    """Yield (start, stop), the rows of each strip of feature maps."""
    n_H, n_W = maps.shape[1:3]
    rows = max(1, STRIP_BYTES // (n_W * W[..., 0].size * maps.itemsize))
    for top in range(0, n_H, rows):
        yield top, min(top + rows, n_H)


def _pooled(
    pool_forward: Layer | None, own: Array, course: Array, name: str
) -> tuple[Array, Array]:
    """Compute the feature maps after 2x2 max pooling, by the reader's and the course's layer."""
    right = max_pool2d(course, 2)
    if pool_forward is None:
        return max_pool2d(own, 2), right
    hparameters = {"f": 2, "stride": 2}
    got, _ = pool_forward(own, dict(hparameters), mode="max")
    layer = f"{name}: your pool_forward ({_listed(hparameters)})"
    _refuse_wrong_shape(layer, got, right.shape)
    _refuse_wrong_values(layer, got, right)
    return got.astype(right.dtype), right


def _layers(network: EdgeNetwork) -> Iterator[tuple[str, Parameters | None]]:
    """Yield the name and the parameters of each layer; None for max pooling.

    All side outputs are included if they are fused, otherwise only the last one.
    """
    for place, (block, side) in enumerate(zip(network.blocks, network.sides, strict=True), 1):
        if place > 1:
            yield f"max pooling after block {place - 1}", None
        for layer, parameters in enumerate(block, 1):
            yield f"block {place}, convolution {layer}", parameters
        if network.fuse or place == len(network.blocks):
            yield f"{SIDE} {place}", side


def _windows(network: EdgeNetwork, photo: Array) -> list[int]:
    """Return the number of windows of each layer: one per output value."""
    windows, n, channels = [], photo.shape[0] * photo.shape[1], photo.shape[2]
    for name, parameters in _layers(network):
        if name.startswith(SIDE):
            windows.append(n)
            continue
        if parameters:
            channels = parameters[0].shape[3]
        else:
            n //= 4
        windows.append(n * channels)
    return windows


def _listed(hparameters: dict[str, int]) -> str:
    return ", ".join(f"{key} {value}" for key, value in hparameters.items())


def _refuse_wrong_shape(layer: str, got: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(got, np.ndarray) or got.shape != shape:
        what = f"shape {got.shape}" if isinstance(got, np.ndarray) else type(got).__name__
        raise WrongLayerError(f"{layer} returns {what}, expected shape {shape}")


def _refuse_wrong_values(layer: str, got: Array, right: Array, top: int = 0) -> None:
    """Raise WrongLayerError if rows differ from the correct rows, which begin at `top`."""
    expected = right[:, top : top + got.shape[1]]
    largest = max(1.0, float(np.abs(right).max()))
    wrong = ~(np.abs(got - expected) <= TOLERANCE * largest)
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        where = (place[0], place[1] + top, *place[2:])
        are = "is" if wrong.sum() == 1 else "are"
        count = f"{int(wrong.sum()):,} of {wrong.size:,} values {are} wrong"
        raise WrongLayerError(
            f"{layer} returns {got[place]:.6g} at (i, h, w, c) = {where}, expected "
            f"{expected[place]:.6g}; {count}. Run its check again, and fix the function there."
        )


def show_own_edges(drawn: OwnEdges) -> Any:
    """Show a photograph, the edges from Sobel's kernels, and the drawings of the two networks.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Figure with edges in black on white, as drawn by `make edges`.
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
