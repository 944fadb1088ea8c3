"""A network as a stack of layers, each of which remembers what its backward pass needs.

>>> import numpy as np
>>> network = Network([Conv2D(4, 3), ReLU(), MaxPooling2D(2), Flatten(), Dense(10)], (8, 8, 1))
>>> scores = network.forward(np.zeros((2, 8, 8, 1), np.float32))
>>> scores.shape
(2, 10)
>>> network.backward(np.ones_like(scores))
>>> print(network.summary())
layer              output           parameters
Conv2D             (6, 6, 4)                40
ReLU               (6, 6, 4)                 0
MaxPooling2D       (3, 3, 4)                 0
Flatten            (36,)                     0
Dense              (10,)                   370
total                                      410

The arithmetic is that of `convnet.layers`. Shapes are given without the batch, channels last.
"""

import math

import numpy as np

from convnet._convolution import bias_gradient, weight_gradient
from convnet.layers import (
    batch_norm_backward,
    batch_norm_forward,
    conv_backward,
    conv_forward,
    conv_transpose_backward,
    conv_transpose_forward,
    dense_backward,
    dense_forward,
    pool_backward,
    pool_forward,
    relu,
    relu_backward,
    softmax,
)

__all__ = [
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "Flatten",
    "Layer",
    "MaxPooling2D",
    "Network",
    "ReLU",
]


class Layer:
    """
    One step from arrays to arrays. A layer of your own needs `forward` and `backward`; one with
    parameters `build` and `initialise` too.

    parameters -- the arrays that are trained, by name; gradients -- theirs, after `backward`. They
        are views of the network's two vectors: write into them, gradients["W"][...] = dW
    state -- arrays that belong to the layer and are not trained, by name
    settings -- what the layer was made with, as data that JSON can hold
    cache -- what `backward` needs; the network drops it where no backward pass can follow
    is_first -- no gradient is needed of what the first layer gets; `backward` may leave it out
    in_network -- whether the layer is part of a network already
    """

    cache = None
    is_first = in_network = False

    def __init__(self, **settings):
        self.settings = settings
        self.parameters, self.gradients, self.state = {}, {}, {}

    def build(self, shape):
        """
        The shape that comes out where `shape` goes in, and the shapes of the parameters by name.

        Raises ValueError where `shape` does not fit.
        """
        return shape, {}

    def initialise(self, rng):
        """Fill the parameters, from a numpy.random.Generator."""

    def forward(self, A_prev, training):
        """The layer's output, shape (m, ...)."""
        raise NotImplementedError

    def backward(self, dA):
        """The gradient with respect to the input of the last `forward`; fills `gradients`."""
        raise NotImplementedError

    def keep(self, **gradients):
        """Write gradients into their places, by name."""
        for name, gradient in gradients.items():
            self.gradients[name][...] = gradient

    def __repr__(self):
        settings = (f"{name}={value}" for name, value in self.settings.items())
        return f"{type(self).__name__}({', '.join(settings)})"


class _Weighted(Layer):
    """Weights W and biases b. `fans` is the number of inputs and of outputs of one unit."""

    def initialise(self, rng):
        """Uniform weights, of a variance that keeps signals as large as they are; biases 0.

        Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010; what Keras does.
        """
        W = self.parameters["W"]
        limit = np.sqrt(6 / sum(self.fans))
        W[...] = rng.uniform(-limit, limit, W.shape)
        self.parameters["b"][...] = 0


class Conv2D(_Weighted):
    """`filters` filters of f x f, `stride` apart, `pad` zeros on each side of the input."""

    def __init__(self, filters, f, stride=1, pad=0):
        super().__init__(filters=filters, f=f, stride=stride, pad=pad)
        self.hparameters = {"stride": stride, "pad": pad}

    def build(self, shape):
        n_C_prev = _image(self, shape)[2]
        (filters, f) = self.settings["filters"], self.settings["f"]
        self.fans = f * f * n_C_prev, f * f * filters
        sizes = {"W": (f, f, n_C_prev, filters), "b": (1, 1, 1, filters)}
        return _after(conv_forward, shape, sizes, self.hparameters), sizes

    def forward(self, A_prev, training):
        Z, self.cache = conv_forward(A_prev, **self.parameters, hparameters=self.hparameters)
        return Z

    def backward(self, dA):
        if self.is_first:
            dW = weight_gradient(self.cache[0], dA, self.settings["f"], **self.hparameters)
            self.keep(W=dW, b=bias_gradient(dA))
            return None
        dA_prev, dW, db = conv_backward(dA, self.cache)
        self.keep(W=dW, b=db)
        return dA_prev


class Conv2DTranspose(_Weighted):
    """A transposed convolution; for its arguments see `convnet.conv_transpose_forward`."""

    def __init__(self, filters, f, stride=1, pad=0, output_pad=0):
        super().__init__(filters=filters, f=f, stride=stride, pad=pad, output_pad=output_pad)
        self.hparameters = {"stride": stride, "pad": pad, "output_pad": output_pad}

    def build(self, shape):
        n_C_prev = _image(self, shape)[2]
        (filters, f) = self.settings["filters"], self.settings["f"]
        self.fans = f * f * n_C_prev, f * f * filters
        sizes = {"W": (f, f, filters, n_C_prev), "b": (1, 1, 1, filters)}
        return _after(conv_transpose_forward, shape, sizes, self.hparameters), sizes

    def forward(self, A_prev, training):
        Z, self.cache = conv_transpose_forward(
            A_prev, **self.parameters, hparameters=self.hparameters
        )
        return Z

    def backward(self, dA):
        dA_prev, dW, db = conv_transpose_backward(dA, self.cache)
        self.keep(W=dW, b=db)
        return dA_prev


class Dense(_Weighted):
    """`units` sums of all inputs, each with weights of its own."""

    def __init__(self, units):
        super().__init__(units=units)

    def build(self, shape):
        if len(shape) != 1:
            raise ValueError(
                f"Dense takes vectors, and gets arrays of shape {shape}: put Flatten() before it"
            )
        self.fans = shape[0], self.settings["units"]
        sizes = {"W": self.fans, "b": (1, self.settings["units"])}
        return _after(dense_forward, shape, sizes), sizes

    def forward(self, A_prev, training):
        Z, self.cache = dense_forward(A_prev, **self.parameters)
        return Z

    def backward(self, dA):
        dA_prev, dW, db = dense_backward(dA, self.cache)
        self.keep(W=dW, b=db)
        return dA_prev


class _Pooling(Layer):
    mode: str

    def __init__(self, f, stride=None):
        super().__init__(f=f, stride=f if stride is None else stride)

    def build(self, shape):
        _image(self, shape)
        return _after(pool_forward, shape, {}, self.settings, self.mode), {}

    def forward(self, A_prev, training):
        A, self.cache = pool_forward(A_prev, self.settings, self.mode)
        return A

    def backward(self, dA):
        return pool_backward(dA, self.cache, self.mode)


class MaxPooling2D(_Pooling):
    """The maximum of every window of f x f, `stride` apart; f apart where that is left out."""

    mode = "max"


class AveragePooling2D(_Pooling):
    """The average of every window of f x f, `stride` apart; f apart where that is left out."""

    mode = "average"


class BatchNormalization(Layer):
    """
    Every channel brought to a mean and a standard deviation that are trained.

    In training each channel is normalized by the batch's mean and variance, and running averages of
    both are kept in `state`, to normalize by when not training: new = momentum * old +
    (1 - momentum) * the batch's. (PyTorch calls 1 - momentum the momentum. As there, the average is
    of the variance with n - 1.) One value alone has no variance and changes no average.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", arXiv:1502.03167.
    """

    def __init__(self, momentum=0.9, epsilon=1e-5):
        super().__init__(momentum=momentum, epsilon=epsilon)

    def build(self, shape):
        return shape, {"gamma": shape[-1:], "beta": shape[-1:]}

    def initialise(self, rng):
        self.parameters["gamma"][...] = 1
        self.parameters["beta"][...] = 0
        for name, value in (("mean", 0), ("variance", 1)):
            self.state[name] = np.full_like(self.parameters["gamma"], value)

    def forward(self, A_prev, training):
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        epsilon, self.cache = self.settings["epsilon"], None
        if not training:
            scale = gamma / np.sqrt(self.state["variance"] + epsilon)
            return (A_prev - self.state["mean"]) * scale + beta
        A, self.cache = batch_norm_forward(A_prev, gamma, beta, epsilon)
        (_, _, mean, variance, _) = self.cache
        count = A.size // A.shape[-1]
        if count > 1:
            new = {"mean": mean, "variance": variance * (count / (count - 1))}
            for name, value in new.items():
                self.state[name] += (1 - self.settings["momentum"]) * (value - self.state[name])
        return A

    def backward(self, dA):
        if self.cache is None:
            raise ValueError(
                "BatchNormalization: the last batch went forward with training=False, and its "
                "statistics were not those of the batch: use forward(X, training=True) first"
            )
        dZ, dgamma, dbeta = batch_norm_backward(dA, self.cache)
        self.keep(gamma=dgamma, beta=dbeta)
        return dZ


class ReLU(Layer):
    """What is positive; 0 for the rest."""

    def forward(self, A_prev, training):
        A, self.cache = relu(A_prev)
        return A

    def backward(self, dA):
        return relu_backward(dA, self.cache)


class Flatten(Layer):
    """Every image as one vector."""

    def build(self, shape):
        return (int(np.prod(shape)),), {}

    def forward(self, A_prev, training):
        self.cache = A_prev.shape
        return A_prev.reshape(len(A_prev), math.prod(A_prev.shape[1:]))

    def backward(self, dA):
        return dA.reshape(self.cache)


class Network:
    """
    Layers one after the other, from images to the scores (logits) of classes.

    All parameters lie in one vector, `parameters`, and so do their gradients, `gradients`; those of
    the layers are views of them. An optimizer therefore is a few lines.

    layers -- a list of `Layer`, each of them new
    input_shape -- of one image, (n_H, n_W, n_C)
    seed -- the same seed gives the same parameters
    dtype -- numpy.float32 or numpy.float64

    Raises ValueError, with the layer's number and name, where a layer does not fit the one before
    or is part of a network already; and for a dtype that is no floating one.
    """

    def __init__(self, layers, input_shape, seed=0, dtype=np.float32):
        self.layers, self.input_shape = list(layers), tuple(int(n) for n in input_shape)
        self.seed, self.dtype = seed, np.dtype(dtype)
        if self.dtype.kind != "f":
            raise ValueError(f"dtype is {self.dtype}, expected a floating one, such as np.float32")
        if not self.layers:
            raise ValueError("a network needs at least one layer: give a list of layers")
        self.shapes, self._wanted, shape = [], [], self.input_shape
        for number, layer in enumerate(self.layers, 1):
            if not isinstance(layer, Layer):
                raise ValueError(f"layer {number} is {layer!r}, expected a layer such as ReLU()")
            if layer.in_network or layer in self.layers[: number - 1]:
                raise ValueError(
                    f"layer {number}, {type(layer).__name__}, is part of a network already, and "
                    "holds its parameters: make a new one"
                )
            try:
                shape, parameters = layer.build(shape)
            except ValueError as error:
                name = type(layer).__name__
                raise ValueError(f"layer {number}, {name}: {error}") from None
            self.shapes.append(shape)
            self._wanted += [(layer, name, size) for name, size in parameters.items()]
        count = sum(int(np.prod(size)) for _, _, size in self._wanted)
        self.parameters, self.gradients = (np.zeros(count, self.dtype) for _ in range(2))
        self._share()
        self._scores_shape = None
        rng = np.random.default_rng(seed)
        for number, layer in enumerate(self.layers):
            layer.is_first, layer.in_network = number == 0, True
            layer.initialise(rng)

    def _share(self):
        """Make the arrays of the layers views of the network's vectors."""
        start = 0
        for layer, name, size in self._wanted:
            part = slice(start, start + int(np.prod(size)))
            layer.parameters[name] = self.parameters[part].reshape(size)
            layer.gradients[name] = self.gradients[part].reshape(size)
            start = part.stop

    def __setstate__(self, state):
        """After copy.deepcopy and pickle, which copy every view as an array of its own."""
        self.__dict__.update(state)
        self._share()

    def forward(self, X, training=False):
        """
        The scores of a batch X, array of shape (m, n_H, n_W, n_C): shape (m, number of classes).

        training -- whether batch normalization goes by the batch, or by its running averages

        Raises ValueError for images of another shape than the network was made for.
        """
        for A in self._outputs(X, training):  # noqa: B007 (the last one is what is wanted)
            pass
        self._scores_shape = A.shape
        return A

    def backward(self, dA):
        """
        Fill `gradients`, from the gradient of the loss with respect to the last scores.

        Raises ValueError where dA has not the shape of those scores.
        """
        if np.shape(dA) != self._scores_shape:
            raise ValueError(
                f"dA has shape {np.shape(dA)}, expected {self._scores_shape}: pass the gradient "
                "with respect to what forward returned last"
            )
        for layer in reversed(self.layers):
            dA = layer.backward(dA)

    def scores(self, X, batch=256):
        """
        The scores of any number of images, `batch` at a time: shape (m, number of classes).

        Raises ValueError as `forward` does, and for a batch below 1.
        """
        if batch < 1:
            raise ValueError(f"batch is {batch}, expected 1 or more")
        self.check_images(X)
        scores = np.empty((len(X), *self.shapes[-1]), self.dtype)
        for i in range(0, len(X), batch):
            scores[i : i + batch] = self.forward(X[i : i + batch])
        self._forget()
        return scores

    def predict(self, X, batch=256):
        """The probabilities of the classes, as `scores` gives their scores."""
        return softmax(self.scores(X, batch))

    def feature_maps(self, X):
        """What comes out of each layer for a batch X as in `forward`: a list of arrays (m, ...)."""
        maps = list(self._outputs(X, False))
        self._forget()
        return maps

    def check_images(self, X):
        """Raise ValueError where X is no array of images of the network's size."""
        if not isinstance(X, np.ndarray) or X.shape[1:] != self.input_shape:
            came = (
                f"has shape {X.shape}" if isinstance(X, np.ndarray) else f"is a {type(X).__name__}"
            )
            raise ValueError(
                f"X {came}, expected an array of shape (m, {', '.join(map(str, self.input_shape))})"
                ": the network was made for images of this size"
            )

    def _outputs(self, X, training):
        """What comes out of one layer after the other."""
        self.check_images(X)
        A = X.astype(self.dtype, copy=False)
        for layer in self.layers:
            A = layer.forward(A, training)
            yield A

    def _forget(self):
        """Drop what only a backward pass would need."""
        self._scores_shape = None
        for layer in self.layers:
            layer.cache = None

    def named_arrays(self):
        """All that makes up the network, parameters and state, by names such as `1-Conv2D/W`."""
        return {
            f"{number}-{type(layer).__name__}/{name}": array
            for number, layer in enumerate(self.layers, 1)
            for name, array in (layer.parameters | layer.state).items()
        }

    def summary(self):
        """The layers with the shapes that come out and their numbers of parameters, as text."""
        lines = [f"{'layer':<18} {'output':<14} {'parameters':>12}"]
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            count = sum(array.size for array in layer.parameters.values())
            lines.append(f"{type(layer).__name__:<18} {str(shape):<14} {count:>12,}")
        return "\n".join([*lines, f"{'total':<18} {'':<14} {self.parameters.size:>12,}"])

    __repr__ = summary


def _after(forward, shape, sizes, *settings):
    """What comes out of a layer's function, by a batch of no images; it raises what it raises."""
    return forward(np.empty((0, *shape)), *map(np.empty, sizes.values()), *settings)[0].shape[1:]


def _image(layer, shape):
    if len(shape) != 3:
        raise ValueError(
            f"{type(layer).__name__} takes images (n_H, n_W, n_C), and gets arrays of shape {shape}"
        )
    return shape
