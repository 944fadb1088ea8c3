"""The layers of a convolutional network as functions, forward and backward, without state.

The function `X_backward` takes the gradient dy of the loss with respect to the output of `X` (the
upstream gradient) and the arguments of `X`. It returns the gradients with respect to the array
arguments of `X`.

Convolution is computed by matrix products, pooling by maxima and sums of shifted images;
`convnet.im2col` and `convnet.pooling` explain how, and why this is fast. `convnet.convolution`
chooses faster methods for some sizes, which round more: in float32, by up to 2e-5 of the largest
value.

Images are channels-last arrays, `(m, n_H, n_W, n_C)`. `padding` is the number of zeros on each
side. A kernel has height and width `f` and is not flipped. float32 arrays give float32 results,
integer arrays are converted to float64, and no argument is modified. For arguments of wrong shape
or value, every function raises `convnet.shapes.ShapeError`, a ValueError whose message says what to
change. In the formulas, i is the example, (h, w) the position in the output, (r, q) the position in
the kernel, k an input channel and c an output channel.
"""

from numbers import Real

import numpy as np

from convnet import depthwise
from convnet.blocks import rows_of_channels, sum_of_channels
from convnet.convolution import bias_gradient, convolve, input_gradient, weight_gradient
from convnet.pooling import pool, pool_gradient
from convnet.shapes import ShapeError, check_labels, check_shape, checked
from convnet.sizes import conv_output_shape, conv_transpose_output_shape, pool_output_shape
from convnet.types import Array

__all__ = [
    "avg_pool2d",
    "avg_pool2d_backward",
    "batch_norm",
    "batch_norm_backward",
    "conv2d",
    "conv2d_backward",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "depthwise_conv2d",
    "depthwise_conv2d_backward",
    "linear",
    "linear_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "relu",
    "relu_backward",
    "softmax",
]

SAME_AS_OUTPUT = "pass the gradient with respect to the output of these arguments"


@checked("x: m n_H_prev n_W_prev n_C_prev; W: f f n_C_prev n_C; b: n_C; stride >= 1; padding >= 0")
def conv2d(x: Array, W: Array, b: Array | None = None, stride: int = 1, padding: int = 0) -> Array:
    """Slide every filter over every image.

    y[i,h,w,c] = b[c] + sum_rqk window[i,h,w,r,q,k] W[r,q,k,c], where the window at (h, w) begins in
    row h * stride and column w * stride of the padded image.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    W : ndarray of shape (f, f, n_C_prev, n_C)
        Weights, a filter for each output channel.
    b : ndarray of shape (n_C,), optional
        Biases; by default none.
    stride : int
        Step from one window to the next.
    padding : int
        Zeros on each side of an image.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps, of the sizes that `convnet.sizes.conv_output_shape` gives.

    Raises
    ------
    ShapeError
        If shapes do not agree, a kernel is not square or larger than the padded image, or a setting
        is not an integer or too small.

    References
    ----------
    Windows as rows of one matrix product: Chellapilla, Puri and Simard, "High performance
    convolutional neural networks for document processing", 2006.

    Examples
    --------
    >>> x, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.zeros(8)
    >>> conv2d(x, W, b, stride=2, padding=1).shape
    (2, 3, 4, 8)
    """
    conv_output_shape(x.shape[1:3], len(W), stride, padding)
    return convolve(x, W, b, stride, padding)


@checked(
    "x: m n_H_prev n_W_prev n_C_prev; W: f f n_C_prev n_C; dy: m n_H n_W n_C; "
    "stride >= 1; padding >= 0"
)
def conv2d_backward(
    dy: Array, x: Array, W: Array, stride: int = 1, padding: int = 0
) -> tuple[Array, Array, Array]:
    """Compute the gradients of a convolution.

    dW[r,q,k,c] = sum_ihw window[i,h,w,r,q,k] dy[i,h,w,c], db[c] = sum_ihw dy[i,h,w,c], and dx adds
    up dwindow[i,h,w,r,q,k] = sum_c dy[i,h,w,c] W[r,q,k,c] where windows overlap.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output of `conv2d`.
    x, W, stride, padding
        Arguments passed to `conv2d`.

    Returns
    -------
    dx, dW, db : ndarrays
        Gradients with respect to x, W and b, and of their shapes.

    Raises
    ------
    ShapeError
        If `conv2d` would reject the arguments, or dy does not have the shape of its output.

    References
    ----------
    dx is a transposed convolution: Dumoulin and Visin, "A guide to convolution arithmetic for deep
    learning", arXiv:1603.07285.

    Examples
    --------
    >>> dy, x, W = np.ones((2, 3, 4, 8)), np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8))
    >>> [gradient.shape for gradient in conv2d_backward(dy, x, W, stride=2, padding=1)]
    [(2, 5, 7, 4), (3, 3, 4, 8), (8,)]
    """
    size = conv_output_shape(x.shape[1:3], len(W), stride, padding)
    check_shape("dy", dy, (len(x), *size, W.shape[3]), SAME_AS_OUTPUT)
    dx = input_gradient(dy, W, x.shape[1:3], stride, padding)
    return dx, weight_gradient(x, dy, len(W), stride, padding), bias_gradient(dy)


@checked("x: m n_H_prev n_W_prev n_C; W: f f n_C; b: n_C; stride >= 1; padding >= 0")
def depthwise_conv2d(
    x: Array, W: Array, b: Array | None = None, stride: int = 1, padding: int = 0
) -> Array:
    """Slide one kernel over each channel of every image.

    y[i,h,w,c] = b[c] + sum_rq window[i,h,w,r,q,c] W[r,q,c]: channels are not mixed. With a 1x1
    convolution after it, this is a depthwise separable convolution.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C)
        Images.
    W : ndarray of shape (f, f, n_C)
        Weights, a kernel for each channel.
    b : ndarray of shape (n_C,), optional
        Biases; by default none.
    stride, padding : int
        As in `conv2d`.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps, of the sizes that `convnet.sizes.conv_output_shape` gives.

    Raises
    ------
    ShapeError
        If shapes do not agree, a kernel is not square or larger than the padded image, or a setting
        is not an integer or too small.

    References
    ----------
    Howard et al., "MobileNets: Efficient convolutional neural networks for mobile vision
    applications", arXiv:1704.04861.

    Examples
    --------
    >>> x, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4)), np.zeros(4)
    >>> depthwise_conv2d(x, W, b, stride=2, padding=1).shape
    (2, 3, 4, 4)
    """
    size = conv_output_shape(x.shape[1:3], len(W), stride, padding)
    return depthwise.convolve(x, W, b, stride, padding, size)


@checked("x: m n_H_prev n_W_prev n_C; W: f f n_C; dy: m n_H n_W n_C; stride >= 1; padding >= 0")
def depthwise_conv2d_backward(
    dy: Array, x: Array, W: Array, stride: int = 1, padding: int = 0
) -> tuple[Array, Array, Array]:
    """Compute the gradients of a depthwise convolution.

    Each channel has the gradients of a convolution with one input and one output channel.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output of `depthwise_conv2d`.
    x, W, stride, padding
        Arguments passed to `depthwise_conv2d`.

    Returns
    -------
    dx, dW, db : ndarrays of shapes (m, n_H_prev, n_W_prev, n_C), (f, f, n_C) and (n_C,)
        Gradients with respect to x, W and b.

    Raises
    ------
    ShapeError
        If `depthwise_conv2d` would reject the arguments, or dy does not have the shape of its
        output.

    Examples
    --------
    >>> dy, x, W = np.ones((2, 3, 4, 4)), np.ones((2, 5, 7, 4)), np.ones((3, 3, 4))
    >>> [gradient.shape for gradient in depthwise_conv2d_backward(dy, x, W, stride=2, padding=1)]
    [(2, 5, 7, 4), (3, 3, 4), (4,)]
    """
    size = conv_output_shape(x.shape[1:3], len(W), stride, padding)
    check_shape("dy", dy, (len(x), *size, x.shape[3]), SAME_AS_OUTPUT)
    dx = depthwise.input_gradient(dy, W, x.shape[1:3], stride, padding)
    return dx, depthwise.weight_gradient(x, dy, len(W), stride, padding), bias_gradient(dy)


@checked(
    "x: m n_H_prev n_W_prev n_C_prev; W: f f n_C n_C_prev; b: n_C; "
    "stride >= 1; padding >= 0; output_padding >= 0"
)
def conv_transpose2d(
    x: Array,
    W: Array,
    b: Array | None = None,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
) -> Array:
    """Return the transposed convolution: the sum of copies of the kernel, at steps of `stride`.

    There is one copy per input value, scaled by it:
    y[i, h*stride+r-padding, w*stride+q-padding, c] += sum_k x[i,h,w,k] W[r,q,c,k], plus b[c] once.
    This is the gradient of a convolution with respect to its input: with the same W, stride and
    padding, `conv2d` maps the output's shape to the input's.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    W : ndarray of shape (f, f, n_C, n_C_prev)
        Weights; the output channels come before the input channels.
    b : ndarray of shape (n_C,), optional
        Biases; by default none.
    stride : int
        Step from one copy of the kernel to the next.
    padding : int
        Rows and columns that are cropped on each side of the output.
    output_padding : int
        Rows at the bottom and columns on the right that are added to the output, fewer than the
        stride.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps, of the sizes that `convnet.sizes.conv_transpose_output_shape` gives.

    Raises
    ------
    ShapeError
        If shapes do not agree, padding leaves no output, or output_padding is not below the stride.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.

    Examples
    --------
    >>> x, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 8, 4)), np.zeros(8)
    >>> conv_transpose2d(x, W, b, stride=2, padding=1).shape
    (2, 9, 13, 8)
    """
    size = conv_transpose_output_shape(x.shape[1:3], len(W), stride, padding, output_padding)
    y = input_gradient(x, W, size, stride, padding)
    if b is not None:
        y += b
    return y


@checked(
    "x: m n_H_prev n_W_prev n_C_prev; W: f f n_C n_C_prev; dy: m n_H n_W n_C; "
    "stride >= 1; padding >= 0; output_padding >= 0"
)
def conv_transpose2d_backward(
    dy: Array, x: Array, W: Array, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> tuple[Array, Array, Array]:
    """Compute the gradients of a transposed convolution, by a convolution.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output of `conv_transpose2d`.
    x, W, stride, padding, output_padding
        Arguments passed to `conv_transpose2d`.

    Returns
    -------
    dx, dW, db : ndarrays
        Gradients with respect to x, W and b, and of their shapes.

    Raises
    ------
    ShapeError
        If `conv_transpose2d` would reject the arguments, or dy does not have the shape of its
        output.

    Examples
    --------
    >>> dy, x, W = np.ones((2, 9, 13, 8)), np.ones((2, 5, 7, 4)), np.ones((3, 3, 8, 4))
    >>> [gradient.shape for gradient in conv_transpose2d_backward(dy, x, W, stride=2, padding=1)]
    [(2, 5, 7, 4), (3, 3, 8, 4), (8,)]
    """
    size = conv_transpose_output_shape(x.shape[1:3], len(W), stride, padding, output_padding)
    check_shape("dy", dy, (len(x), *size, W.shape[2]), SAME_AS_OUTPUT)
    dx = convolve(dy, W, None, stride, padding)  # no window reaches the output_padding
    return dx, weight_gradient(dy, x, len(W), stride, padding), bias_gradient(dy)


@checked("x: m n_H_prev n_W_prev n_C; f >= 1; stride >= 1")
def max_pool2d(x: Array, f: int, stride: int | None = None) -> Array:
    """Take the maximum of every window of every channel.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C)
        Images.
    f : int
        Height and width of the windows.
    stride : int, optional
        Step from one window to the next; by default f.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        The maxima.

    Raises
    ------
    ShapeError
        If the window is larger than the images, or a setting is not an integer or too small.

    Examples
    --------
    >>> max_pool2d(np.ones((2, 5, 7, 3)), 3, stride=2).shape
    (2, 2, 3, 3)
    """
    return _pool(x, f, stride, "max")


@checked("x: m n_H_prev n_W_prev n_C; dy: m n_H n_W n_C; f >= 1; stride >= 1")
def max_pool2d_backward(dy: Array, x: Array, f: int, stride: int | None = None) -> Array:
    """Compute the gradient of max pooling: all of dy goes to the maximum of its window.

    If several values tie, each of them gets the full gradient; in PyTorch, only the first one does.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output of `max_pool2d`.
    x, f, stride
        Arguments passed to `max_pool2d`.

    Returns
    -------
    dx : ndarray of the shape of x
        Gradient with respect to x.

    Raises
    ------
    ShapeError
        If `max_pool2d` would reject the arguments, or dy does not have the shape of its output.

    Examples
    --------
    >>> max_pool2d_backward(np.ones((2, 2, 3, 3)), np.ones((2, 5, 7, 3)), 3, stride=2).shape
    (2, 5, 7, 3)
    """
    return _pool_backward(dy, x, f, stride, "max")


@checked("x: m n_H_prev n_W_prev n_C; f >= 1; stride >= 1")
def avg_pool2d(x: Array, f: int, stride: int | None = None) -> Array:
    """Take the average of every window of every channel.

    See `max_pool2d` for the parameters, the result and the errors.

    Examples
    --------
    >>> avg_pool2d(np.ones((2, 5, 7, 3)), 3, stride=2).shape
    (2, 2, 3, 3)
    """
    return _pool(x, f, stride, "average")


@checked("x: m n_H_prev n_W_prev n_C; dy: m n_H n_W n_C; f >= 1; stride >= 1")
def avg_pool2d_backward(dy: Array, x: Array, f: int, stride: int | None = None) -> Array:
    """Compute the gradient of average pooling: equal contributions to all values of a window.

    See `max_pool2d_backward` for the parameters, the result and the errors.

    Examples
    --------
    >>> avg_pool2d_backward(np.ones((2, 2, 3, 3)), np.ones((2, 5, 7, 3)), 3, stride=2).shape
    (2, 5, 7, 3)
    """
    return _pool_backward(dy, x, f, stride, "average")


def _pool(x: Array, f: int, stride: int | None, mode: str) -> Array:
    stride = f if stride is None else stride
    pool_output_shape(x.shape[1:3], f, stride)
    return pool(x, f, stride, mode)


def _pool_backward(dy: Array, x: Array, f: int, stride: int | None, mode: str) -> Array:
    stride = f if stride is None else stride
    size = pool_output_shape(x.shape[1:3], f, stride)
    check_shape("dy", dy, (len(x), *size, x.shape[3]), SAME_AS_OUTPUT)
    return pool_gradient(dy, x, f, stride, mode)


@checked("x: ...")
def relu(x: Array) -> Array:
    """Keep positive values and replace negative ones with 0: y = max(x, 0).

    Parameters
    ----------
    x : ndarray
        Array of any shape.

    Returns
    -------
    y : ndarray of the shape of x
        Activations.

    References
    ----------
    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    Examples
    --------
    >>> relu(np.array([[1.0, -2.0, 3.0]])).tolist()
    [[1.0, 0.0, 3.0]]
    """
    return np.maximum(x, 0)


@checked("x: ...; dy: ...")
def relu_backward(dy: Array, x: Array) -> Array:
    """Compute the gradient of `relu`: dx = dy where x > 0, and 0 elsewhere.

    Parameters
    ----------
    dy, x : ndarrays of one shape
        Gradient with respect to the output of `relu`, and its argument.

    Returns
    -------
    dx : ndarray of the shape of x
        Gradient with respect to x; 0 at x = 0.

    Raises
    ------
    ShapeError
        If dy does not have the shape of x.

    Examples
    --------
    >>> relu_backward(np.array([[5.0, 6.0]]), np.array([[1.0, -2.0]])).tolist()
    [[5.0, 0.0]]
    """
    return dy * (x > 0)


@checked("x: m n; W: n n_out; b: n_out")
def linear(x: Array, W: Array, b: Array | None = None) -> Array:
    """Multiply every example by a matrix: y = x W + b.

    Parameters
    ----------
    x : ndarray of shape (m, n)
        A vector for each example.
    W : ndarray of shape (n, n_out)
        Weights.
    b : ndarray of shape (n_out,), optional
        Biases; by default none.

    Returns
    -------
    y : ndarray of shape (m, n_out)
        A vector for each example.

    Raises
    ------
    ShapeError
        If shapes do not agree.

    Examples
    --------
    >>> linear(np.ones((2, 5)), np.ones((5, 3)), np.zeros(3)).shape
    (2, 3)
    """
    y = x @ W
    if b is not None:
        y += b
    return y


@checked("x: m n; W: n n_out; dy: m n_out")
def linear_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """Compute the gradients of `linear`: dx = dy W^T, dW = x^T dy, and db sums dy over the batch.

    Parameters
    ----------
    dy : ndarray of shape (m, n_out)
        Gradient with respect to the output of `linear`.
    x, W
        Arguments passed to `linear`.

    Returns
    -------
    dx, dW, db : ndarrays of shapes (m, n), (n, n_out) and (n_out,)
        Gradients with respect to x, W and b.

    Raises
    ------
    ShapeError
        If `linear` would reject the arguments, or dy does not have the shape of its output.

    Examples
    --------
    >>> dy, x, W = np.ones((2, 3)), np.ones((2, 5)), np.ones((5, 3))
    >>> [gradient.shape for gradient in linear_backward(dy, x, W)]
    [(2, 5), (5, 3), (3,)]
    """
    return dy @ W.T, x.T @ dy, sum_of_channels(dy)


@checked("x: m ... n_C; gamma: n_C; beta: n_C")
def batch_norm(
    x: Array, gamma: Array, beta: Array, epsilon: float = 1e-5
) -> tuple[Array, Array, Array]:
    """Normalize every channel of a batch to mean beta and standard deviation gamma.

    y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, where the mean and the variance of a
    channel are taken over all examples, rows and columns of the batch.

    Parameters
    ----------
    x : ndarray of shape (m, ..., n_C)
        A batch of feature maps or vectors.
    gamma, beta : ndarrays of shape (n_C,)
        Scale and shift of each channel.
    epsilon : float
        Small number that prevents division by zero; 1e-5 is PyTorch's default, 1e-3 Keras's.

    Returns
    -------
    y : ndarray of the shape of x
        The normalized batch.
    mean, variance : ndarrays of shape (n_C,)
        Mean and variance of x, arguments of `batch_norm_backward`.

    Raises
    ------
    ShapeError
        If shapes do not agree, x is empty, or epsilon is not positive.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", arXiv:1502.03167.

    Examples
    --------
    >>> y, mean, variance = batch_norm(np.eye(4), np.ones(4), np.zeros(4))
    >>> y.shape, mean.tolist()
    ((4, 4), [0.25, 0.25, 0.25, 0.25])
    """
    _check_batch_norm(x, epsilon)
    mean = sum_of_channels(x) / (x.size // x.shape[-1])
    variance = np.zeros_like(mean)
    y = np.empty(x.shape, x.dtype)
    for block, out in rows_of_channels(x, y):
        np.subtract(block, mean, out=out)
        variance += np.einsum("ic,ic->c", out, out)
    variance /= x.size // x.shape[-1]
    scale = gamma / np.sqrt(variance + epsilon)
    for (out,) in rows_of_channels(y):
        out *= scale
        out += beta
    return y, mean, variance


@checked("x: m ... n_C; gamma: n_C; mean: n_C; variance: n_C; dy: m ... n_C")
def batch_norm_backward(
    dy: Array, x: Array, gamma: Array, mean: Array, variance: Array, epsilon: float = 1e-5
) -> tuple[Array, Array, Array]:
    """Compute the gradients of `batch_norm`, including those through the mean and the variance.

    Parameters
    ----------
    dy : ndarray of the shape of x
        Gradient with respect to the output y of `batch_norm`.
    x, gamma, epsilon
        Arguments passed to `batch_norm`.
    mean, variance : ndarrays of shape (n_C,)
        Values returned by `batch_norm`.

    Returns
    -------
    dx, dgamma, dbeta : ndarrays of the shape of x, and of shape (n_C,)
        Gradients with respect to x, gamma and beta.

    Raises
    ------
    ShapeError
        If `batch_norm` would reject the arguments, or dy does not have the shape of x.

    Examples
    --------
    >>> x, gamma = np.eye(4), np.ones(4)
    >>> y, mean, variance = batch_norm(x, gamma, np.zeros(4))
    >>> [gradient.shape for gradient in batch_norm_backward(y, x, gamma, mean, variance)]
    [(4, 4), (4,), (4,)]
    """
    _check_batch_norm(x, epsilon)
    count = x.size // x.shape[-1]
    deviation = np.sqrt(variance + epsilon)
    dbeta = sum_of_channels(dy)
    dgamma = np.zeros_like(dbeta)
    dx = np.empty(x.shape, x.dtype)
    for values, gradients, out in rows_of_channels(x, dy, dx):
        np.subtract(values, mean, out=out)
        dgamma += np.einsum("ic,ic->c", out, gradients)
    dgamma /= deviation
    slope = dgamma / (count * deviation)
    for gradients, out in rows_of_channels(dy, dx):
        out *= -slope
        out += gradients
        out -= dbeta / count
        out *= gamma / deviation
    return dx, dgamma, dbeta


def _check_batch_norm(x: Array, epsilon: float) -> None:
    if x.size == 0:
        raise ShapeError(
            f"x has shape {x.shape}, expected several values per channel: pass a whole batch"
        )
    if not (isinstance(epsilon, Real) and epsilon > 0):
        raise ShapeError(f"epsilon is {epsilon!r}, expected a small positive number: use 1e-5")


@checked("x: ... n")
def softmax(x: Array) -> Array:
    """Turn scores (logits) into probabilities: exp(x) / sum(exp(x)) along the last axis.

    Parameters
    ----------
    x : ndarray of shape (..., n)
        Scores of n classes.

    Returns
    -------
    y : ndarray of the shape of x
        Probabilities, which sum to 1 along the last axis.

    Raises
    ------
    ShapeError
        If x has no last axis, or an empty one.

    Examples
    --------
    >>> softmax(np.array([[1.0, 2.0, 3.0]])).round(4).tolist()
    [[0.09, 0.2447, 0.6652]]
    """
    y = np.exp(_below_the_largest(x))
    y /= np.sum(y, axis=-1, keepdims=True)
    return y


@checked("x: m n")
def cross_entropy(x: Array, labels: Array) -> np.floating:
    """Compute the mean cross-entropy of the true classes: -mean(log(softmax(x)[label])).

    Parameters
    ----------
    x : ndarray of shape (m, n)
        Scores (logits) of n classes.
    labels : ndarray of m integers
        True classes, from 0 to n - 1.

    Returns
    -------
    loss : floating-point number
        Mean cross-entropy.

    Raises
    ------
    ShapeError
        If labels are not integers, are too few or lie outside the classes of x, or the batch is
        empty.

    Examples
    --------
    >>> float(cross_entropy(np.zeros((2, 4)), np.array([0, 3])).round(4))
    1.3863
    """
    _check_scores(x, labels)
    shifted = _below_the_largest(x)
    totals = np.sum(np.exp(shifted), axis=1)
    return np.mean(np.log(totals) - shifted[np.arange(len(x)), labels])


@checked("x: m n")
def cross_entropy_backward(x: Array, labels: Array) -> Array:
    """Compute the gradient of `cross_entropy`: (softmax(x) - 1 at the label) / m.

    Parameters
    ----------
    x, labels
        Arguments passed to `cross_entropy`.

    Returns
    -------
    dx : ndarray of shape (m, n)
        Gradient of the loss with respect to the scores.

    Raises
    ------
    ShapeError
        If `cross_entropy` would reject the arguments.

    Examples
    --------
    >>> cross_entropy_backward(np.zeros((2, 4)), np.array([0, 3])).tolist()
    [[-0.375, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]
    """
    _check_scores(x, labels)
    dx = np.exp(_below_the_largest(x))
    dx /= np.sum(dx, axis=1, keepdims=True)
    dx[np.arange(len(x)), labels] -= 1
    dx /= len(x)
    return dx


def _below_the_largest(x: Array) -> Array:
    """Subtract the largest score of each row: same probabilities, but no overflow."""
    return x - np.max(x, axis=-1, keepdims=True)


def _check_scores(x: Array, labels: Array) -> None:
    if len(x) == 0:
        raise ShapeError(f"x has shape {x.shape}, expected at least one example: pass a batch")
    check_labels(labels, *x.shape)
