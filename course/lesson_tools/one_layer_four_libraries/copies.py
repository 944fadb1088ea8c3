"""A small network for the digits, and copies of it with one mistake each.

The lesson "One layer, four libraries" asks which mistake a copy has: read this when you are done.
"""

import numpy as np

from convnet.data import digits
from convnet.functional import conv2d, linear, relu
from convnet.layers import Conv2D, Dense, Flatten, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam, train
from convnet.types import Array, Shape

__all__ = ["COPIES", "LAYERS", "PadEnd", "outputs", "trained"]

LAYERS = ("conv 1", "ReLU 1", "conv 2", "ReLU 2", "flatten", "dense")
COPIES = {
    "A": "order of flattening",
    "B": "padding on both sides",
    "C": "rows and columns swapped",
    "D": "biases forgotten",
    "E": "channels reversed",
    "F": "kernels flipped",
    "G": "ReLU forgotten",
    "H": "edge padding",
}


class PadEnd(Layer):
    """Layer that adds a row of zeros below and a column on the right: Keras's SAME at stride 2."""

    def build(self, shape: Shape) -> tuple[Shape, dict[str, Shape]]:
        """Compute the layer's shapes: even numbers of rows and columns grow by one."""
        n_H, n_W, n_C = shape
        return (n_H + 1, n_W + 1, n_C), {}

    def forward(self, x: Array, training: bool) -> Array:
        """Add the zeros."""
        return np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))

    def backward(self, dy: Array) -> Array:
        """Drop the gradient of the zeros."""
        return dy[:, :-1, :-1]


def trained(seed: int = 0) -> Network:
    """Train the network of 3,818 parameters on the 1,500 training digits, which takes a second.

    Parameters
    ----------
    seed : int
        Seed of the initial parameters and the order of the images.

    Returns
    -------
    network : convnet.network.Network
        Trained network; its second convolution has stride 2 and Keras's SAME padding.
    """
    layers = [Conv2D(8, 3, padding=1), ReLU(), PadEnd(), Conv2D(16, 3, stride=2), ReLU()]
    network = Network([*layers, Flatten(), Dense(10)], (8, 8, 1), seed)
    data = digits()
    train(
        network,
        data.train_images,
        data.train_labels,
        epochs=12,
        optimizer=Adam(0.01),
        seed=seed,
        progress=False,
    )
    return network


def outputs(network: Network, X: Array, copy: str = "") -> dict[str, Array]:
    """Compute the output of every layer, in the data type of the images.

    Parameters
    ----------
    network : convnet.network.Network
        Network returned by `trained`.
    X : ndarray of shape (m, 8, 8, 1)
        Images.
    copy : str
        Letter of a copy, as in `COPIES`; by default the correct network.

    Returns
    -------
    outputs : dict of str to ndarray
        Outputs by the names in `LAYERS`; feature maps are channels-last.
    """
    mistake = COPIES[copy] if copy else ""
    arrays = [array for layer in network.layers for array in layer.parameters.values()]
    W_1, b_1, W_2, b_2, W_3, b_3 = (array.astype(X.dtype) for array in arrays)
    if mistake == "rows and columns swapped":
        W_1, W_2 = W_1.swapaxes(0, 1), W_2.swapaxes(0, 1)
    elif mistake == "biases forgotten":
        b_1, b_2, b_3 = 0 * b_1, 0 * b_2, 0 * b_3
    elif mistake == "kernels flipped":
        W_1 = W_1[::-1, ::-1]
    elif mistake == "channels reversed":
        W_2 = W_2[:, :, ::-1]
    sides = (1, 1) if mistake == "padding on both sides" else (0, 1)
    found = {}
    found["conv 1"] = conv2d(_pad(X, (1, 1), edge=mistake == "edge padding"), W_1, b_1)
    found["ReLU 1"] = relu(found["conv 1"])
    found["conv 2"] = conv2d(_pad(found["ReLU 1"], sides), W_2, b_2, stride=2)
    found["ReLU 2"] = found["conv 2"] if mistake == "ReLU forgotten" else relu(found["conv 2"])
    maps = found["ReLU 2"]
    if mistake == "order of flattening":
        maps = maps.transpose(0, 3, 1, 2)
    found["flatten"] = maps.reshape(len(X), -1)
    found["dense"] = linear(found["flatten"], W_3, b_3)
    return found


def _pad(x: Array, sides: tuple[int, int], edge: bool = False) -> Array:
    widths = ((0, 0), sides, sides, (0, 0))
    return np.pad(x, widths, mode="edge") if edge else np.pad(x, widths)
