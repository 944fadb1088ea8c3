"""Maps that explain predictions of EfficientNet-Lite0, and results of judging them.

`python -m benchmarks.explaining` and `python -m benchmarks.judging_maps` create the files; these
modules describe each array.
"""

from convnet.network import Network
from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["explanations", "judged_maps", "torch_arrays"]


def explanations() -> dict[str, Array]:
    """Load the stored maps of scikit-learn's photographs, by name."""
    return stored_arrays("maps/palace.npz")


def judged_maps() -> dict[str, Array]:
    """Load the results of judging several methods with four photographs, by name."""
    return stored_arrays("maps/judging_maps.npz")


def torch_arrays(network: Network) -> list[Array]:
    """Return the parameters of the digits network in PyTorch's order of layers and axes."""
    first, second, dense = (layer.parameters for layer in network.layers if layer.parameters)
    arrays = []
    for parameters in (first, second):
        arrays += [parameters["W"].transpose(3, 2, 0, 1), parameters["b"]]
    W = dense["W"].reshape(4, 4, 16, 10).transpose(3, 2, 0, 1).reshape(10, 256)
    return [*arrays, W, dense["b"]]
