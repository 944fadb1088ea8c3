"""The layers of a convolutional network, forward and backward, vectorised.

Convolution is matrix products, pooling is maxima and sums of shifted images; `_convolution` and
`_pooling` say how, and why it is fast. Names, arguments and results of the first eight are those of
`loops`, where the same functions are written to be read by a beginner.

Arrays are channels-last, `(m, n_H, n_W, n_C)`; `pad` counts the zeros on each side; filters are not
flipped. float32 arrays give float32 results, integer arrays are computed with as float64, and no
argument is modified. Every function raises ValueError, with the sizes and what to change, for
arguments that do not fit. In the formulas i is the example, (h, w) the output's position, (y, x)
the position inside the window, p a channel of the input and c a channel of the output.
"""

import numpy as np

from convnet._blocks import rows_of_channels, sum_of_channels
from convnet._convolution import bias_gradient, convolve, input_gradient, weight_gradient
from convnet._pooling import pool, unpool
from convnet._validate import (
    validate_batch_norm_backward,
    validate_batch_norm_forward,
    validate_conv_backward,
    validate_conv_forward,
    validate_conv_transpose_backward,
    validate_conv_transpose_forward,
    validate_dense_as_convolution,
    validate_dense_backward,
    validate_dense_forward,
    validate_distribute_value,
    validate_one_by_one_forward,
    validate_pool_backward,
    validate_pool_forward,
    validate_relu,
    validate_relu_backward,
    validate_single_step,
    validate_softmax,
    validate_softmax_cross_entropy,
    validate_window,
    validate_zero_pad,
    validated,
)

__all__ = [
    "batch_norm_backward",
    "batch_norm_forward",
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "conv_transpose_backward",
    "conv_transpose_forward",
    "create_mask_from_window",
    "dense_as_convolution",
    "dense_backward",
    "dense_forward",
    "distribute_value",
    "one_by_one_forward",
    "pool_backward",
    "pool_forward",
    "relu",
    "relu_backward",
    "softmax",
    "softmax_cross_entropy",
    "zero_pad",
]


@validated(validate_zero_pad)
def zero_pad(X, pad):
    """
    Pad the height and width of every image in a batch with zeros.

    Arguments:
    X -- images, array of shape (m, n_H, n_W, n_C)
    pad -- number of zeros on each side of the height and of the width

    Returns:
    X_pad -- padded images, array of shape (m, n_H + 2 * pad, n_W + 2 * pad, n_C), of X's dtype

    Raises:
    ValueError -- X has not four dimensions; pad is negative or not an integer

    >>> zero_pad(np.ones((2, 3, 4, 1)), 2).shape
    (2, 7, 8, 1)
    """
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


@validated(validate_single_step)
def conv_single_step(a_slice_prev, W, b):
    """
    Apply one filter to one window of the input: sum(a_slice_prev * W) + b.

    Arguments:
    a_slice_prev -- window of the input, array of shape (f, f, n_C_prev)
    W -- weights of the filter, array of shape (f, f, n_C_prev)
    b -- bias of the filter, array of shape (1, 1, 1)

    Returns:
    Z -- a NumPy scalar

    Raises:
    ValueError -- the window and the filter differ in shape; the filter is not square; b is not of
        shape (1, 1, 1)

    >>> conv_single_step(np.ones((3, 3, 2)), np.ones((3, 3, 2)), np.ones((1, 1, 1))).shape
    ()
    """
    return np.sum(a_slice_prev * W) + b.item()


@validated(validate_conv_forward)
def conv_forward(A_prev, W, b, hparameters):
    """
    Slide every filter over every image: Z[i,h,w,c] = sum_yxp window[i,h,w,p,y,x] W[y,x,p,c] + b[c].

    Arguments:
    A_prev -- output of the previous layer, array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    W -- weights, array of shape (f, f, n_C_prev, n_C)
    b -- biases, array of shape (1, 1, 1, n_C)
    hparameters -- dictionary with "stride" and "pad"

    Returns:
    Z -- output of the convolution, array of shape (m, n_H, n_W, n_C); n_H and n_W are the
        output_size of n_H_prev and n_W_prev
    cache -- the tuple (A_prev, W, b, hparameters), which conv_backward needs

    Raises:
    ValueError -- a wrong number of dimensions; channels of A_prev and W, or filters of W and b,
        that do not agree; filters that are empty, not square or larger than the padded input;
        hparameters that lacks "stride" or "pad"; a stride below 1, a negative pad, or one that is
        not an integer

    Source: windows as rows of one matrix product, Chellapilla, Puri and Simard, "High performance
    convolutional neural networks for document processing", 2006.

    >>> A_prev, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.zeros((1, 1, 1, 8))
    >>> Z, cache = conv_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    >>> Z.shape
    (2, 3, 4, 8)
    """
    Z = convolve(A_prev, W, hparameters["stride"], hparameters["pad"], b)
    return Z, (A_prev, W, b, hparameters)


@validated(validate_conv_backward)
def conv_backward(dZ, cache):
    """
    Carry the gradient of the cost back through a convolution layer.

    dW[y,x,p,c] = sum_ihw window[i,h,w,p,y,x] dZ[i,h,w,c], db[c] = sum_ihw dZ[i,h,w,c], and
    dA_prev gathers dwindow[i,h,w,p,y,x] = sum_c dZ[i,h,w,c] W[y,x,p,c].

    Arguments:
    dZ -- gradient of the cost with respect to Z, array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, W, b, hparameters) that conv_forward returned

    Returns:
    dA_prev -- gradient with respect to A_prev, array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    dW -- gradient with respect to W, array of shape (f, f, n_C_prev, n_C)
    db -- gradient with respect to b, array of shape (1, 1, 1, n_C)

    Raises:
    ValueError -- a cache that is not a tuple of four or that conv_forward would refuse; a dZ that
        has not the shape of Z

    Source: the transposed convolution, Dumoulin and Visin, "A guide to convolution arithmetic for
    deep learning", arXiv:1603.07285.

    >>> A_prev, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.zeros((1, 1, 1, 8))
    >>> Z, cache = conv_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    >>> [gradient.shape for gradient in conv_backward(Z, cache)]
    [(2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8)]
    """
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    dA_prev = input_gradient(dZ, W, A_prev.shape[1:3], stride, pad)
    dW = weight_gradient(A_prev, dZ, W.shape[0], stride, pad)
    return dA_prev, dW, bias_gradient(dZ)


@validated(validate_conv_transpose_forward)
def conv_transpose_forward(A_prev, W, b, hparameters):
    """
    Let every input value lay its filter onto the output, `stride` apart, and add up.

    Z[i, h*stride+y-pad, w*stride+x-pad, c] += sum_p A_prev[i,h,w,p] W[y,x,c,p], and b[c] once. With
    the same W, stride and pad it has the shapes of a convolution's input and output in each other's
    place; it is what carries that convolution's gradient back.

    Arguments:
    A_prev -- output of the previous layer, array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    W -- weights, array of shape (f, f, n_C, n_C_prev)
    b -- biases, array of shape (1, 1, 1, n_C)
    hparameters -- dictionary with "stride" and "pad"; "output_pad", 0 if it is left out, adds rows
        at the bottom and columns on the right, fewer than the stride

    Returns:
    Z -- array of shape (m, n_H, n_W, n_C); n_H = stride * (n_H_prev - 1) + f - 2 * pad + output_pad
    cache -- the tuple (A_prev, W, b, hparameters), which conv_transpose_backward needs

    Raises:
    ValueError -- sizes that do not fit, as in conv_forward; padding that leaves no output;
        an "output_pad" that is not smaller than the stride

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
    arXiv:1603.07285.

    >>> A_prev, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 8, 4)), np.zeros((1, 1, 1, 8))
    >>> Z, cache = conv_transpose_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    >>> Z.shape
    (2, 9, 13, 8)
    """
    (f, stride, pad) = W.shape[0], hparameters["stride"], hparameters["pad"]
    grown = f - 2 * pad + hparameters.get("output_pad", 0) - stride
    shape = tuple(stride * n + grown for n in A_prev.shape[1:3])
    return input_gradient(A_prev, W, shape, stride, pad) + b, (A_prev, W, b, hparameters)


@validated(validate_conv_transpose_backward)
def conv_transpose_backward(dZ, cache):
    """
    Carry the gradient of the cost back through a transposed convolution: by a convolution.

    Arguments:
    dZ -- gradient of the cost with respect to Z, array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, W, b, hparameters) that conv_transpose_forward returned

    Returns:
    dA_prev -- gradient with respect to A_prev, array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    dW -- gradient with respect to W, array of shape (f, f, n_C, n_C_prev)
    db -- gradient with respect to b, array of shape (1, 1, 1, n_C)

    Raises:
    ValueError -- a cache that is not a tuple of four or that conv_transpose_forward would refuse; a
        dZ that has not the shape of Z

    >>> A_prev, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 8, 4)), np.zeros((1, 1, 1, 8))
    >>> Z, cache = conv_transpose_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    >>> [gradient.shape for gradient in conv_transpose_backward(Z, cache)]
    [(2, 5, 7, 4), (3, 3, 8, 4), (1, 1, 1, 8)]
    """
    (A_prev, W, b, hparameters) = cache
    (stride, pad) = hparameters["stride"], hparameters["pad"]

    dA_prev = convolve(dZ, W, stride, pad)  # what output_pad added is in no window
    dW = weight_gradient(dZ, A_prev, W.shape[0], stride, pad)
    return dA_prev, dW, bias_gradient(dZ)


@validated(validate_pool_forward)
def pool_forward(A_prev, hparameters, mode="max"):
    """
    Summarise every window of every channel by its maximum or its average.

    Arguments:
    A_prev -- output of the previous layer, array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    hparameters -- dictionary with "f", the size of the window, and "stride"
    mode -- "max" or "average"

    Returns:
    A -- output of the pooling layer, array of shape (m, n_H, n_W, n_C_prev); n_H and n_W are the
        output_size of n_H_prev and n_W_prev at pad 0
    cache -- the tuple (A_prev, hparameters), which pool_backward needs

    Raises:
    ValueError -- A_prev has not four dimensions; hparameters lacks "f" or "stride", or one of them
        is below 1 or not an integer; a window larger than the input; an unknown mode

    >>> A, cache = pool_forward(np.ones((2, 5, 7, 3)), {"f": 3, "stride": 2})
    >>> A.shape
    (2, 2, 3, 3)
    """
    (f, stride) = hparameters["f"], hparameters["stride"]
    A = pool(A_prev, f, stride, mode)
    return A, (A_prev, hparameters)


@validated(validate_pool_backward)
def pool_backward(dA, cache, mode="max"):
    """
    Carry the gradient of the cost back through a pooling layer.

    Maximum: to where the window has its maximum, and in full to each of several equal ones.
    Average: the same share to every entry of the window.

    Arguments:
    dA -- gradient of the cost with respect to A, array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, hparameters) that pool_forward returned
    mode -- "max" or "average"

    Returns:
    dA_prev -- gradient with respect to A_prev, an array of the same shape as A_prev

    Raises:
    ValueError -- a cache that is not a tuple of two or that pool_forward would refuse; a dA that
        has not the shape of A; an unknown mode

    >>> A, cache = pool_forward(np.ones((2, 5, 7, 3)), {"f": 3, "stride": 2})
    >>> pool_backward(A, cache).shape
    (2, 5, 7, 3)
    """
    (A_prev, hparameters) = cache
    return unpool(dA, A_prev, hparameters["f"], hparameters["stride"], mode)


@validated(validate_window)
def create_mask_from_window(x):
    """
    Mark where the maximum of a window is: x == max(x).

    Arguments:
    x -- one window, array of shape (f, f)

    Returns:
    mask -- boolean array of the shape of x, True at the maximum, at each of them if several tie

    Raises:
    ValueError -- x has not two dimensions or is empty

    >>> create_mask_from_window(np.array([[1, 4], [3, 2]])).shape
    (2, 2)
    """
    return x == np.max(x)


@validated(validate_distribute_value)
def distribute_value(dz, shape):
    """
    Spread one number evenly over a window: dz / (n_H * n_W) in each entry.

    Arguments:
    dz -- a number
    shape -- the tuple (n_H, n_W), the size of the window

    Returns:
    a -- array of the given shape whose equal entries add up to dz

    Raises:
    ValueError -- dz is not one number; shape is not a tuple of two integers of at least 1

    >>> distribute_value(2, (2, 3)).shape
    (2, 3)
    """
    (n_H, n_W) = shape
    return np.full(shape, dz / (n_H * n_W))


@validated(validate_relu)
def relu(Z):
    """
    Keep what is positive: A = max(Z, 0).

    Arguments:
    Z -- array of any shape

    Returns:
    A -- array of the shape of Z
    cache -- the tuple (Z,), which relu_backward needs

    Raises:
    ValueError -- Z is not an array of real numbers

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    >>> A, cache = relu(np.array([[1.0, -2.0, 3.0]]))
    >>> A.shape
    (1, 3)
    """
    return np.maximum(Z, 0), (Z,)


@validated(validate_relu_backward)
def relu_backward(dA, cache):
    """
    Carry the gradient of the cost back through relu: dZ = dA where Z > 0, and 0 elsewhere.

    Arguments:
    dA -- gradient of the cost with respect to A, array of the shape of A
    cache -- the tuple (Z,) that relu returned

    Returns:
    dZ -- gradient with respect to Z, array of the shape of Z; 0 at Z = 0

    Raises:
    ValueError -- a cache that is not a tuple of one; a dA that has not the shape of Z

    >>> A, cache = relu(np.array([[1.0, -2.0, 3.0]]))
    >>> relu_backward(A, cache).shape
    (1, 3)
    """
    (Z,) = cache
    return dA * (Z > 0)


@validated(validate_dense_forward)
def dense_forward(A_prev, W, b):
    """
    Combine all inputs in every output: Z = A_prev W + b.

    Arguments:
    A_prev -- output of the previous layer, array of shape (m, n_prev)
    W -- weights, array of shape (n_prev, n)
    b -- biases, array of shape (1, n)

    Returns:
    Z -- array of shape (m, n)
    cache -- the tuple (A_prev, W, b), which dense_backward needs

    Raises:
    ValueError -- a wrong number of dimensions; sizes that do not agree

    >>> Z, cache = dense_forward(np.ones((2, 5)), np.ones((5, 3)), np.zeros((1, 3)))
    >>> Z.shape
    (2, 3)
    """
    Z = A_prev @ W
    Z += b
    return Z, (A_prev, W, b)


@validated(validate_dense_backward)
def dense_backward(dZ, cache):
    """
    Carry the gradient of the cost back through a dense layer.

    Arguments:
    dZ -- gradient of the cost with respect to Z, array of shape (m, n)
    cache -- the tuple (A_prev, W, b) that dense_forward returned

    Returns:
    dA_prev -- gradient with respect to A_prev, dZ W^T, array of shape (m, n_prev)
    dW -- gradient with respect to W, A_prev^T dZ, array of shape (n_prev, n)
    db -- gradient with respect to b, the sum of dZ over the batch, array of shape (1, n)

    Raises:
    ValueError -- a cache that is not a tuple of three or that dense_forward would refuse; a dZ that
        has not the shape of Z

    >>> Z, cache = dense_forward(np.ones((2, 5)), np.ones((5, 3)), np.zeros((1, 3)))
    >>> [gradient.shape for gradient in dense_backward(Z, cache)]
    [(2, 5), (5, 3), (1, 3)]
    """
    (A_prev, W, b) = cache
    return dZ @ W.T, A_prev.T @ dZ, sum_of_channels(dZ).reshape(1, -1)


@validated(validate_one_by_one_forward)
def one_by_one_forward(A_prev, W, b):
    """
    Send every pixel through one dense layer: Z[i,h,w,c] = sum_p A_prev[i,h,w,p] W[0,0,p,c] + b[c].

    Arguments:
    A_prev -- output of the previous layer, array of shape (m, n_H, n_W, n_C_prev)
    W -- weights, array of shape (1, 1, n_C_prev, n_C)
    b -- biases, array of shape (1, 1, 1, n_C)

    Returns:
    Z -- array of shape (m, n_H, n_W, n_C), what conv_forward gives with stride 1 and pad 0

    Raises:
    ValueError -- a wrong number of dimensions; sizes that do not agree; filters larger than 1x1

    Source: Lin, Chen and Yan, "Network in network", arXiv:1312.4400.

    >>> A_prev, W, b = np.ones((2, 5, 7, 4)), np.ones((1, 1, 4, 3)), np.ones((1, 1, 1, 3))
    >>> one_by_one_forward(A_prev, W, b).shape
    (2, 5, 7, 3)
    """
    return A_prev @ W[0, 0] + b


@validated(validate_dense_as_convolution)
def dense_as_convolution(W, b, f):
    """
    Make filters of the weights of a dense layer that follows a flattened image.

    A convolution with these filters, stride 1 and pad 0, gives on an image of f x f pixels what the
    dense layer gives, and on a larger one the same for each of its windows.

    Arguments:
    W -- weights of the dense layer, array of shape (f * f * n_C_prev, n_C)
    b -- its biases, array of shape (1, n_C)
    f -- height and width of the image that was flattened, rows first and channels last

    Returns:
    W_conv -- the same weights, array of shape (f, f, n_C_prev, n_C)
    b_conv -- the same biases, array of shape (1, 1, 1, n_C)

    Raises:
    ValueError -- a wrong number of dimensions; sizes that do not agree; a number of rows that is no
        multiple of f * f

    Source: Sermanet et al., "OverFeat", arXiv:1312.6229.

    >>> W_conv, b_conv = dense_as_convolution(np.ones((18, 5)), np.ones((1, 5)), 3)
    >>> W_conv.shape, b_conv.shape
    ((3, 3, 2, 5), (1, 1, 1, 5))
    """
    return W.reshape(f, f, -1, W.shape[1]).copy(), b.reshape(1, 1, 1, -1).copy()


@validated(validate_batch_norm_forward)
def batch_norm_forward(Z, gamma, beta, epsilon=1e-5):
    """
    Bring every channel of a batch to mean beta and standard deviation gamma.

    A = gamma * (Z - mean) / sqrt(variance + epsilon) + beta, where mean and variance are those of a
    channel over all examples, rows and columns of the batch.

    Arguments:
    Z -- array of shape (m, ..., n_C)
    gamma, beta -- arrays of shape (n_C,)
    epsilon -- keeps the root from 0; 1e-5 as in PyTorch, while Keras takes 1e-3

    Returns:
    A -- array of the shape of Z
    cache -- the tuple (Z, gamma, mean, variance, epsilon), which batch_norm_backward needs

    Raises:
    ValueError -- an empty Z or one of a single axis; gamma or beta not of shape (n_C,); an epsilon
        that is not positive

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", arXiv:1502.03167.

    >>> A, cache = batch_norm_forward(np.eye(4), np.ones(4), np.zeros(4))
    >>> A.shape
    (4, 4)
    """
    mean = sum_of_channels(Z) / (Z.size // Z.shape[-1])
    variance = np.zeros_like(mean)
    A = np.empty(Z.shape, Z.dtype)
    for block, out in rows_of_channels(Z, A):
        np.subtract(block, mean, out=out)
        variance += np.einsum("ic,ic->c", out, out)
    variance /= Z.size // Z.shape[-1]
    scale = gamma / np.sqrt(variance + epsilon)
    for (out,) in rows_of_channels(A):
        out *= scale
        out += beta
    return A, (Z, gamma, mean, variance, epsilon)


@validated(validate_batch_norm_backward)
def batch_norm_backward(dA, cache):
    """
    Carry the gradient of the cost back through batch normalization, mean and variance included.

    Arguments:
    dA -- gradient of the cost with respect to A, array of the shape of A
    cache -- the tuple (Z, gamma, mean, variance, epsilon) that batch_norm_forward returned

    Returns:
    dZ -- gradient with respect to Z, array of the shape of Z
    dgamma, dbeta -- gradients with respect to gamma and beta, arrays of shape (n_C,)

    Raises:
    ValueError -- a cache that is not a tuple of five or that batch_norm_forward would refuse; a dA
        that has not the shape of Z

    >>> A, cache = batch_norm_forward(np.eye(4), np.ones(4), np.zeros(4))
    >>> [gradient.shape for gradient in batch_norm_backward(A, cache)]
    [(4, 4), (4,), (4,)]
    """
    (Z, gamma, mean, variance, epsilon) = cache
    count = Z.size // Z.shape[-1]
    deviation = np.sqrt(variance + epsilon)
    dbeta = sum_of_channels(dA)
    dgamma = np.zeros_like(dbeta)
    dZ = np.empty(Z.shape, Z.dtype)
    for values, gradients, out in rows_of_channels(Z, dA, dZ):
        np.subtract(values, mean, out=out)
        dgamma += np.einsum("ic,ic->c", out, gradients)
    dgamma /= deviation
    slope = dgamma / (count * deviation)
    for gradients, out in rows_of_channels(dA, dZ):
        out *= -slope
        out += gradients
        out -= dbeta / count
        out *= gamma / deviation
    return dZ, dgamma, dbeta


@validated(validate_softmax)
def softmax(Z):
    """
    Turn scores (logits) into probabilities: exp(Z) / sum(exp(Z)) along the last axis.

    The largest score of each row is subtracted first: that changes no probability, and keeps exp
    from overflowing.

    Arguments:
    Z -- array of shape (..., n)

    Returns:
    A -- array of the shape of Z

    Raises:
    ValueError -- Z is not an array of real numbers or has no last axis

    >>> softmax(np.array([[1.0, 2.0, 3.0]])).round(4).tolist()
    [[0.09, 0.2447, 0.6652]]
    """
    A = np.exp(_below_the_largest(Z))
    A /= np.sum(A, axis=-1, keepdims=True)
    return A


@validated(validate_softmax_cross_entropy)
def softmax_cross_entropy(Z, labels):
    """
    Measure how little probability goes to the right classes: -mean(log(softmax(Z)[label])).

    Arguments:
    Z -- scores, array of shape (m, n)
    labels -- the right classes, integers from 0 to n - 1, array of shape (m,)

    Returns:
    loss -- a NumPy scalar
    dZ -- its gradient with respect to Z, (softmax(Z) - 1 at the label) / m, array of shape (m, n)

    Raises:
    ValueError -- labels that are no integers, too few, or beyond the classes of Z

    >>> loss, dZ = softmax_cross_entropy(np.zeros((2, 4)), np.array([0, 3]))
    >>> float(loss.round(4)), dZ.shape
    (1.3863, (2, 4))
    """
    m = len(Z)
    picked = np.arange(m), labels
    shifted = _below_the_largest(Z)
    dZ = np.exp(shifted)
    total = np.sum(dZ, axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - shifted[picked])
    dZ /= total
    dZ[picked] -= 1
    dZ /= m
    return loss, dZ


@validated(validate_softmax)  # makes integers floats; labels, which must stay, are not among them
def _below_the_largest(Z):
    """Z less the largest score of each row, so that exp does not overflow."""
    return Z - np.max(Z, axis=-1, keepdims=True)
