"""Networks of the course, some of them with trained weights.

`python -m tools.weights` creates the weights in `weights/`.
"""

from collections.abc import Callable
from importlib import resources

from convnet.checkpoints import load_weights
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.types import Shape

__all__ = ["TRAINED", "digits_network", "lenet", "trained"]

WEIGHTS = resources.files("convnet") / "weights"


def lenet(input_shape: Shape = (28, 28, 1), classes: int = 10, seed: int = 0) -> Network:
    """Build LeNet with ReLU and max pooling: 61,706 parameters for 28x28x1, 83,126 for 32x32x3.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image, (n_H, n_W, n_C).
    classes : int
        Number of scores.
    seed : int
        The same seed gives the same parameters.

    Returns
    -------
    network : convnet.network.Network
        The network.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
    1998. Differences from the paper: ReLU instead of scaled tanh, max pooling instead of trainable
    subsampling, a fully connected second convolution instead of selected channels, and a dense
    output layer instead of radial basis functions.
    """
    layers = [
        Conv2D(6, 5, padding=2),
        ReLU(),
        MaxPooling2D(2),
        Conv2D(16, 5),
        ReLU(),
        MaxPooling2D(2),
    ]
    layers += [Flatten(), Dense(120), ReLU(), Dense(84), ReLU(), Dense(classes)]
    return Network(layers, input_shape, seed)


def digits_network(seed: int = 0, dtype: str = "float32") -> Network:
    """Build a network of 3,818 parameters for `convnet.data.digits`, which trains in seconds.

    Parameters
    ----------
    seed : int
        The same seed gives the same parameters.
    dtype : str
        "float32" or "float64". Processors sum in different orders, so with "float32" some
        predictions after a short training differ between machines; with "float64" they agree.

    Returns
    -------
    network : convnet.network.Network
        The network.
    """
    layers = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2)]
    layers += [Flatten(), Dense(10)]
    return Network(layers, (8, 8, 1), seed, dtype)


TRAINED: dict[str, Callable[..., Network]] = {
    "lenet-fashion-mnist": lenet,
    "digits": digits_network,
}


def trained(name: str) -> Network:
    """Load a network of the course with its trained weights; nothing is downloaded.

    Parameters
    ----------
    name : {"lenet-fashion-mnist", "digits"}
        The first is for `convnet.data.fashion_mnist`, the second for `convnet.data.digits`.

    Returns
    -------
    network : convnet.network.Network
        The trained network.

    Raises
    ------
    ValueError
        If there is no network of that name.
    """
    if name not in TRAINED:
        raise ValueError(f"there is no trained network {name!r}: choose one of {list(TRAINED)}")
    network = TRAINED[name]()
    with resources.as_file(WEIGHTS / f"{name}.npz") as path:  # convnet may lie in a zip file
        load_weights(path, network)
    return network
