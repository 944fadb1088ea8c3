"""Three backward passes with one bug each, for the lesson "Backpropagation".

The lesson asks for the causes: read this when you are done.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convnet.functional import conv2d, conv2d_backward
from convnet.types import Array

__all__ = ["PATIENTS", "Patient"]

IMAGE = np.array([[2.0, 1, 0, 3], [1, 3, 2, 0], [0, 2, 1, 1], [3, 0, 1, 2]])
X = np.stack([IMAGE, np.rot90(IMAGE)])[..., None]
W = np.array([[1.0, 2], [3, -1]])[:, :, None, None]


@dataclass(frozen=True)
class Patient:
    """A wrong gradient on a small example.

    Attributes
    ----------
    title
        Name of the gradient, and the setting in which it is computed.
    stride
        Stride of the convolution.
    returned
        Wrong function of dZ that returns the gradient as a 2-D array.
    right
        Correct function of dZ.
    """

    title: str
    stride: int
    returned: Callable[[Array], Array]
    right: Callable[[Array], Array]

    @property
    def dZ(self) -> Array:
        """Gradient of the output: small integers."""
        return np.resize([1.0, -2, 3, 2, 1, -1, 2, 3, 1], conv2d(X, W, stride=self.stride).shape)

    @property
    def actual(self) -> Array:
        """Wrong gradient."""
        return self.returned(self.dZ)

    @property
    def expected(self) -> Array:
        """Right gradient."""
        return self.right(self.dZ)


def input_gradient(dZ: Array, stride: int) -> Array:
    """Return dX of the first image."""
    return conv2d_backward(dZ, X, W, stride)[0][0, :, :, 0]


def weight_gradient(dZ: Array) -> Array:
    """Return dW of both images."""
    return conv2d_backward(dZ, X, W)[1][:, :, 0, 0]


def copy_of(dZ: Array, h: int, w: int) -> Array:
    """Return the contribution of output (h, w) of the first image to dX, at stride 1."""
    alone = np.zeros((2, 3, 3, 1))
    alone[0, h, w] = dZ[0, h, w]
    return input_gradient(alone, 1)


def overwritten(dZ: Array) -> Array:
    """Return dX if each output overwrites the contributions of the previous ones."""
    dX = np.zeros((4, 4))
    for h, w in np.ndindex(3, 3):
        dX[h : h + 2, w : w + 2] = copy_of(dZ, h, w)[h : h + 2, w : w + 2]
    return dX


def without_stride(dZ: Array) -> Array:
    """Return dX if the windows start at (h, w), in spite of stride 2."""
    dX: Array = np.sum([copy_of(dZ, h, w) for h, w in np.ndindex(2, 2)], axis=0)
    return dX


PATIENTS = {
    "A": Patient("dX, stride 1", 1, overwritten, lambda dZ: input_gradient(dZ, 1)),
    "B": Patient(
        "dX, stride 2\n(stride 1 passes)", 2, without_stride, lambda dZ: input_gradient(dZ, 2)
    ),
    "C": Patient("dW, two examples", 1, lambda dZ: weight_gradient(dZ) / len(dZ), weight_gradient),
}
