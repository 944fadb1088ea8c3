"""A network as a stack of layers.

>>> import numpy as np
>>> from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
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

Shapes are given without the batch, channels last.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from convnet.functional import softmax
from convnet.layers import Layer
from convnet.types import Array, Shape

__all__ = ["Network"]


class Network:
    """A sequence of layers, from images to the scores (logits) of classes.

    All parameters are stored in one vector, and all gradients in another; the layers' arrays are
    views of these vectors. This keeps an optimizer to a few lines.

    Parameters
    ----------
    layers : list of Layer
        New layers, none of them part of another network.
    input_shape : tuple of int
        Shape of one image, (n_H, n_W, n_C).
    seed : int
        The same seed gives the same parameters.
    dtype : data type
        numpy.float32 or numpy.float64.

    Attributes
    ----------
    parameters, gradients : ndarray
        Vectors of all parameters and of their gradients.
    shapes : list of tuple of int
        Output shape of each layer, without the batch.

    Raises
    ------
    ValueError
        If a layer does not fit the previous one or is already part of a network (the message has
        its number and name), or the dtype is not a floating-point type.
    """

    def __init__(
        self,
        layers: Iterable[Layer],
        input_shape: Shape,
        seed: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.layers, self.input_shape = list(layers), tuple(int(n) for n in input_shape)
        self.seed, self.dtype = seed, np.dtype(dtype)
        if self.dtype.kind != "f":
            raise ValueError(f"dtype is {self.dtype}, expected a float type such as np.float32")
        if not self.layers:
            raise ValueError("a network needs at least one layer: give a list of layers")
        self.shapes, self._parameter_shapes, shape = [], [], self.input_shape
        for number, layer in enumerate(self.layers, 1):
            if not isinstance(layer, Layer):
                raise ValueError(f"layer {number} is {layer!r}, expected a layer such as ReLU()")
            if layer.in_network or layer in self.layers[: number - 1]:
                raise ValueError(
                    f"layer {number}, {type(layer).__name__}, already belongs to a network, "
                    "which holds its parameters: create a new layer"
                )
            try:
                shape, parameters = layer.build(shape)
            except ValueError as error:
                name = type(layer).__name__
                raise ValueError(f"layer {number}, {name}: {error}") from None
            self.shapes.append(shape)
            self._parameter_shapes += [(layer, name, size) for name, size in parameters.items()]
        count = sum(int(np.prod(size)) for _, _, size in self._parameter_shapes)
        self.parameters, self.gradients = (np.zeros(count, self.dtype) for _ in range(2))
        self._share()
        self._scores_shape: Shape | None = None
        rng = np.random.default_rng(seed)
        for number, layer in enumerate(self.layers):
            layer.is_first, layer.in_network = number == 0, True
            layer.initialize(rng)

    def _share(self) -> None:
        """Make the arrays of the layers views of the network's vectors."""
        start = 0
        for layer, name, size in self._parameter_shapes:
            part = slice(start, start + int(np.prod(size)))
            layer.parameters[name] = self.parameters[part].reshape(size)
            layer.gradients[name] = self.gradients[part].reshape(size)
            start = part.stop

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the layers' views after copy.deepcopy and pickle, which copy them as arrays."""
        self.__dict__.update(state)
        self._share()

    def forward(self, X: Array, training: bool = False) -> Array:
        """Compute the scores of a batch.

        Parameters
        ----------
        X : ndarray of shape (m, n_H, n_W, n_C)
            Images.
        training : bool
            True if batch normalization uses the statistics of the batch, False for its running
            averages.

        Returns
        -------
        scores : ndarray of shape (m, number of classes)
            Output of the last layer.

        Raises
        ------
        ValueError
            If the images do not have the network's input shape.
        """
        for y in self._outputs(X, training):  # noqa: B007 (only the last output is needed)
            pass
        self._scores_shape = y.shape
        return y

    def backward(self, dscores: Array) -> None:
        """Compute the gradients of all parameters in `gradients`.

        Parameters
        ----------
        dscores : ndarray of shape (m, number of classes)
            Gradient of the loss with respect to the scores last returned by `forward`.

        Raises
        ------
        ValueError
            If dscores does not have the shape of those scores.
        """
        if np.shape(dscores) != self._scores_shape:
            raise ValueError(
                f"dscores has shape {np.shape(dscores)}, expected {self._scores_shape}: pass the "
                "gradient with respect to the last output of forward"
            )
        self._through_layers(dscores)

    def _through_layers(self, gradient: Any) -> Any:
        """Propagate a gradient of the scores through all layers; return the last gradient."""
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient

    def scores(self, X: Array, batch: int = 256) -> Array:
        """Compute the scores of any number of images, `batch` at a time.

        Parameters
        ----------
        X : ndarray of shape (m, n_H, n_W, n_C)
            Images.
        batch : int
            Number of images in one forward pass.

        Returns
        -------
        scores : ndarray of shape (m, number of classes)
            Scores of the classes.

        Raises
        ------
        ValueError
            If the images do not have the network's input shape, or `batch` is below 1.
        """
        if batch < 1:
            raise ValueError(f"batch is {batch}, expected 1 or more")
        self.check_images(X)
        scores = np.empty((len(X), *self.shapes[-1]), self.dtype)
        for i in range(0, len(X), batch):
            scores[i : i + batch] = self.forward(X[i : i + batch])
        self._forget()
        return scores

    def predict(self, X: Array, batch: int = 256) -> Array:
        """Compute the probabilities of the classes; parameters and errors as in `scores`."""
        return softmax(self.scores(X, batch))

    def feature_maps(self, X: Array) -> list[Array]:
        """Compute the output of each layer for a batch: a list of arrays of shape (m, ...)."""
        maps = list(self._outputs(X, False))
        self._forget()
        return maps

    def input_gradient(self, X: Array, classes: Array) -> Array:
        """Compute the gradient of one score of each image with respect to the image.

        Parameters
        ----------
        X : ndarray of shape (m, n_H, n_W, n_C)
            Images.
        classes : sequence of m ints
            Class of each image whose score is differentiated.

        Returns
        -------
        gradient : ndarray of shape (m, n_H, n_W, n_C)
            Gradient of the score with respect to each pixel value; `gradients` is unchanged.

        Raises
        ------
        ValueError
            If the images do not have the network's input shape, or the number of classes differs
            from the number of images.
        """
        scores, numbers = self.forward(X), np.asarray(classes)
        if numbers.shape != scores.shape[:1]:
            raise ValueError(
                f"classes has shape {numbers.shape}, expected ({len(scores)},): one for each image"
            )
        gradient = np.zeros_like(scores)
        gradient[np.arange(len(scores)), numbers] = 1
        first, kept = self.layers[0], self.gradients.copy()
        first.is_first = False  # otherwise the layer would skip the gradient of its input
        try:
            return self._through_layers(gradient)
        finally:
            first.is_first = True
            self.gradients[...] = kept
            self._forget()

    def check_images(self, X: Array) -> None:
        """Raise ValueError if X is not an array of images with the network's input shape."""
        if not isinstance(X, np.ndarray) or X.shape[1:] != self.input_shape:
            is_array = isinstance(X, np.ndarray)
            actual = f"has shape {X.shape}" if is_array else f"is a {type(X).__name__}"
            expected = ", ".join(map(str, ("m", *self.input_shape)))
            raise ValueError(
                f"X {actual}, expected an array of shape ({expected})"
                ": the network was made for images of this size"
            )

    def _outputs(self, X: Array, training: bool) -> Iterator[Array]:
        """Yield the output of each layer in turn."""
        self.check_images(X)
        y = X.astype(self.dtype, copy=False)
        for layer in self.layers:
            y = layer.forward(y, training)
            yield y

    def _forget(self) -> None:
        """Drop the saved values that only a backward pass would need."""
        self._scores_shape = None
        for layer in self.layers:
            layer.saved = None

    def named_arrays(self) -> dict[str, Array]:
        """Return all parameters and all state, by names such as `1-Conv2D/W`."""
        return {
            f"{number}-{type(layer).__name__}/{name}": array
            for number, layer in enumerate(self.layers, 1)
            for name, array in (layer.parameters | layer.state).items()
        }

    def summary(self) -> str:
        """Return a table of the layers, their output shapes and their numbers of parameters."""
        lines = [f"{'layer':<18} {'output':<14} {'parameters':>12}"]
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            count = sum(array.size for array in layer.parameters.values())
            lines.append(f"{type(layer).__name__:<18} {str(shape):<14} {count:>12,}")
        return "\n".join([*lines, f"{'total':<18} {'':<14} {self.parameters.size:>12,}"])

    __repr__ = summary
