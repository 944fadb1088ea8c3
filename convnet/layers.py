"""Layers that hold their parameters and the values that their backward pass needs.

A `convnet.network.Network` is a stack of layers. The layers call `convnet.functional`. Shapes are
given without the batch, channels last.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from convnet import functional
from convnet.convolution import bias_gradient, weight_gradient
from convnet.types import Array, Shape

__all__ = [
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "Flatten",
    "Layer",
    "MaxPooling2D",
    "ReLU",
]

Shapes = dict[str, Shape]  # of a layer's parameters, by name


class Layer:
    """Base class of layers.

    A subclass implements `forward` and `backward`; if it has parameters, also `build` and
    `initialize`.

    Parameters
    ----------
    **settings
        Arguments of the layer, as data that JSON can hold.

    Attributes
    ----------
    parameters, gradients : dict of str to ndarray
        Trainable arrays, and their gradients after `backward`. They are views of the network's two
        vectors, so write into them: gradients["W"][...] = dW.
    state : dict of str to ndarray
        Arrays of the layer that are not trained.
    settings : dict
        Arguments of the layer.
    saved
        Values that `backward` needs; the network drops them if no backward pass can follow.
    is_first : bool
        True for a network's first layer, whose `backward` may skip the gradient with respect to
        its input.
    in_network : bool
        True if the layer is already part of a network.
    """

    saved: Any = None
    is_first = in_network = False

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.parameters: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}
        self.state: dict[str, Array] = {}

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        """Compute the layer's shapes.

        Parameters
        ----------
        shape : tuple of int
            Shape of the input, without the batch.

        Returns
        -------
        output_shape : tuple of int
            Shape of the output, without the batch.
        parameter_shapes : dict of str to tuple of int
            Shapes of the parameters.

        Raises
        ------
        ValueError
            If the layer does not take inputs of this shape.
        """
        return shape, {}

    def initialize(self, rng: np.random.Generator) -> None:
        """Initialize the parameters with a numpy.random.Generator."""

    def forward(self, x: Array, training: bool) -> Array:
        """Compute the layer's output, shape (m, ...)."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array | None:
        """Compute the gradient with respect to `forward`'s last input, and fill `gradients`."""
        raise NotImplementedError

    def store_gradients(self, **gradients: Array) -> None:
        """Copy gradients into `gradients` by name."""
        for name, gradient in gradients.items():
            self.gradients[name][...] = gradient

    def __repr__(self) -> str:
        settings = (f"{name}={value}" for name, value in self.settings.items())
        return f"{type(self).__name__}({', '.join(settings)})"


class _Weighted(Layer):
    """Weights W and biases b. `fans` is the number of inputs and of outputs of one unit."""

    fans: tuple[int, int]

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw uniform weights, with a variance that keeps the scale of signals; set biases to 0.

        References
        ----------
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010; also Keras's default.
        """
        W = self.parameters["W"]
        limit = np.sqrt(6 / sum(self.fans))
        W[...] = rng.uniform(-limit, limit, W.shape)
        self.parameters["b"][...] = 0


class Conv2D(_Weighted):
    """A convolution layer.

    Parameters
    ----------
    filters : int
        Number of filters, the channels of the output.
    f : int
        Height and width of the kernels.
    stride, padding : int
        Step between windows, zeros on each side of the input.
    """

    def __init__(self, filters: int, f: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__(filters=filters, f=f, stride=stride, padding=padding)
        self.steps: dict[str, Any] = {"stride": stride, "padding": padding}

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        n_C = _image(self, shape)[2]
        (filters, f) = self.settings["filters"], self.settings["f"]
        self.fans = f * f * n_C, f * f * filters
        sizes = {"W": (f, f, n_C, filters), "b": (filters,)}
        return _output_shape(functional.conv2d, shape, sizes, **self.steps), sizes

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = x
        W, b = self.parameters["W"], self.parameters["b"]
        return functional.conv2d(x, W, b, **self.steps)

    def backward(self, dy: Array) -> Array | None:
        if self.is_first:
            dW = weight_gradient(self.saved, dy, self.settings["f"], **self.steps)
            self.store_gradients(W=dW, b=bias_gradient(dy))
            return None
        W = self.parameters["W"]
        dx, dW, db = functional.conv2d_backward(dy, self.saved, W, **self.steps)
        self.store_gradients(W=dW, b=db)
        return dx


class Conv2DTranspose(_Weighted):
    """A transposed convolution layer.

    Parameters
    ----------
    filters : int
        Channels of the output.
    f : int
        Height and width of the kernels.
    stride, padding, output_padding : int
        As in `convnet.functional.conv_transpose2d`.
    """

    def __init__(
        self, filters: int, f: int, stride: int = 1, padding: int = 0, output_padding: int = 0
    ) -> None:
        steps: dict[str, Any] = {"stride": stride, "padding": padding}
        steps["output_padding"] = output_padding
        super().__init__(filters=filters, f=f, **steps)
        self.steps = steps

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        n_C = _image(self, shape)[2]
        (filters, f) = self.settings["filters"], self.settings["f"]
        self.fans = f * f * n_C, f * f * filters
        sizes = {"W": (f, f, filters, n_C), "b": (filters,)}
        return _output_shape(functional.conv_transpose2d, shape, sizes, **self.steps), sizes

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = x
        W, b = self.parameters["W"], self.parameters["b"]
        return functional.conv_transpose2d(x, W, b, **self.steps)

    def backward(self, dy: Array) -> Array:
        W = self.parameters["W"]
        dx, dW, db = functional.conv_transpose2d_backward(dy, self.saved, W, **self.steps)
        self.store_gradients(W=dW, b=db)
        return dx


class Dense(_Weighted):
    """A fully connected layer.

    Parameters
    ----------
    units : int
        Number of units, each a weighted sum of all inputs.
    """

    def __init__(self, units: int) -> None:
        super().__init__(units=units)

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        if len(shape) != 1:
            raise ValueError(
                f"Dense takes vectors, but got arrays of shape {shape}: put Flatten() before it"
            )
        self.fans = shape[0], self.settings["units"]
        sizes = {"W": self.fans, "b": (self.settings["units"],)}
        return _output_shape(functional.linear, shape, sizes), sizes

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = x
        return functional.linear(x, **self.parameters)

    def backward(self, dy: Array) -> Array:
        dx, dW, db = functional.linear_backward(dy, self.saved, self.parameters["W"])
        self.store_gradients(W=dW, b=db)
        return dx


class _Pooling(Layer):
    function: Callable
    gradient: Callable

    def __init__(self, f: int, stride: int | None = None) -> None:
        super().__init__(f=f, stride=f if stride is None else stride)

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        _image(self, shape)
        return _output_shape(self.function, shape, {}, **self.settings), {}

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = x
        return self.function(x, **self.settings)

    def backward(self, dy: Array) -> Array:
        return self.gradient(dy, self.saved, **self.settings)


class MaxPooling2D(_Pooling):
    """A max pooling layer.

    Parameters
    ----------
    f : int
        Height and width of the windows.
    stride : int, optional
        Step between windows; by default f.
    """

    function = staticmethod(functional.max_pool2d)
    gradient = staticmethod(functional.max_pool2d_backward)


class AveragePooling2D(_Pooling):
    """An average pooling layer.

    Parameters
    ----------
    f : int
        Height and width of the windows.
    stride : int, optional
        Step between windows; by default f.
    """

    function = staticmethod(functional.avg_pool2d)
    gradient = staticmethod(functional.avg_pool2d_backward)


class BatchNormalization(Layer):
    """A batch normalization layer, which trains the mean and standard deviation of every channel.

    In training, each channel is normalized by the mean and variance of the batch. Running averages
    of both are kept in `state` for inference: new = momentum * old + (1 - momentum) * batch.
    (PyTorch calls 1 - momentum the momentum. As in PyTorch, the running variance divides by n - 1.)
    A batch with a single value per channel has no such variance and leaves the averages unchanged.

    Parameters
    ----------
    momentum : float
        Fraction of a running average that is kept in each step.
    epsilon : float
        Small number that prevents division by zero.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", arXiv:1502.03167.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        super().__init__(momentum=momentum, epsilon=epsilon)

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        return shape, {"gamma": shape[-1:], "beta": shape[-1:]}

    def initialize(self, rng: np.random.Generator) -> None:
        """Set gamma and the running variance to 1, beta and the running mean to 0."""
        self.parameters["gamma"][...] = 1
        self.parameters["beta"][...] = 0
        for name, value in (("mean", 0), ("variance", 1)):
            self.state[name] = np.full_like(self.parameters["gamma"], value)

    def forward(self, x: Array, training: bool) -> Array:
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        epsilon, self.saved = self.settings["epsilon"], None
        if not training:
            scale = gamma / np.sqrt(self.state["variance"] + epsilon)
            return (x - self.state["mean"]) * scale + beta
        y, mean, variance = functional.batch_norm(x, gamma, beta, epsilon)
        self.saved = x, mean, variance
        count = y.size // y.shape[-1]
        if count > 1:
            self._update("mean", mean)
            self._update("variance", variance * (count / (count - 1)))
        return y

    def _update(self, name: str, value: Array) -> None:
        """Update a running average with the value of a batch."""
        self.state[name] += (1 - self.settings["momentum"]) * (value - self.state[name])

    def backward(self, dy: Array) -> Array:
        if self.saved is None:
            raise ValueError(
                "BatchNormalization: the last forward pass used the running averages "
                "(training=False): call forward(x, training=True) before backward"
            )
        x, mean, variance = self.saved
        dx, dgamma, dbeta = functional.batch_norm_backward(
            dy, x, self.parameters["gamma"], mean, variance, self.settings["epsilon"]
        )
        self.store_gradients(gamma=dgamma, beta=dbeta)
        return dx


class ReLU(Layer):
    """A ReLU layer: positive values are kept, negative ones become 0."""

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = x
        return functional.relu(x)

    def backward(self, dy: Array) -> Array:
        return functional.relu_backward(dy, self.saved)


class Flatten(Layer):
    """A layer that flattens each image to a vector."""

    def build(self, shape: Shape) -> tuple[Shape, Shapes]:
        return (int(np.prod(shape)),), {}

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.saved)


def _output_shape(
    function: Callable[..., Array], shape: Shape, parameter_shapes: Shapes, **settings: Any
) -> Shape:
    """Compute the output shape of a layer's function by calling it with an empty batch.

    Exceptions of the function propagate.
    """
    parameters = {name: np.empty(size) for name, size in parameter_shapes.items()}
    return function(np.empty((0, *shape)), **parameters, **settings).shape[1:]


def _image(layer: Layer, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise ValueError(
            f"{type(layer).__name__} takes images (n_H, n_W, n_C), but got arrays of shape {shape}"
        )
    return shape
