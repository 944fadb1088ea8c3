"""The layers of a convolutional network, forward and backward, vectorised.

The one idea: `_windows` shows every window of a batch as a view, without copying. The forward pass
reads all windows at once; the backward pass adds to them, one offset inside the window at a time,
because two windows may share a pixel but never at the same offset. Names, arguments and results are
those of `convnet.loops`, where the same functions are written to be read by a beginner.

Arrays are channels-last, `(m, n_H, n_W, n_C)`; `pad` counts the zeros on each side; filters are not
flipped. float32 arrays give float32 results, integer arrays are computed with as float64, and no
argument is modified. Every function raises ValueError, with the sizes and what to change, for
arguments that do not fit. In the formulas i is the example, (h, w) the output's position, (y, x)
the position inside the window, p a channel of the input and c a channel of the output.
"""

import numpy as np

from convnet._validate import (
    validate_conv_backward,
    validate_conv_forward,
    validate_distribute_value,
    validate_pool_backward,
    validate_pool_forward,
    validate_relu,
    validate_relu_backward,
    validate_single_step,
    validate_window,
    validate_zero_pad,
    validated,
)

__all__ = [
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
    "pool_forward",
    "relu",
    "relu_backward",
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
        that do not agree; filters that are not square or larger than the padded input; hparameters
        that lacks "stride" or "pad"; a stride below 1, a negative pad, or one not an integer

    Source: windows as rows of one matrix product, Chellapilla, Puri and Simard, "High performance
    convolutional neural networks for document processing", 2006.

    >>> A_prev, W, b = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.zeros((1, 1, 1, 8))
    >>> Z, cache = conv_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    >>> Z.shape
    (2, 3, 4, 8)
    """
    windows = _windows(zero_pad(A_prev, hparameters["pad"]), W.shape[0], hparameters["stride"])
    Z = np.einsum("ihwpyx,yxpc->ihwc", windows, W, optimize=True) + b
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
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = W.shape[0]
    stride = hparameters["stride"]
    pad = hparameters["pad"]

    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros_like(A_prev_pad)
    windows = _windows(A_prev_pad, f, stride)
    dwindows = _windows(dA_prev_pad, f, stride)

    dW = np.einsum("ihwpyx,ihwc->yxpc", windows, dZ, optimize=True)
    db = np.sum(dZ, axis=(0, 1, 2), keepdims=True)
    for y, x in np.ndindex(f, f):
        dwindows[..., y, x] += dZ @ W[y, x].T
    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :]
    return dA_prev, dW, db


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
    windows = _windows(A_prev, hparameters["f"], hparameters["stride"])
    summarise = np.max if mode == "max" else np.mean
    return summarise(windows, axis=(-2, -1)), (A_prev, hparameters)


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
    f = hparameters["f"]
    stride = hparameters["stride"]

    dA_prev = np.zeros_like(A_prev)
    windows = _windows(A_prev, f, stride)
    dwindows = _windows(dA_prev, f, stride)

    if mode == "max":
        share = windows == np.max(windows, axis=(-2, -1), keepdims=True)
    else:
        share = np.full_like(windows, 1 / (f * f))
    for y, x in np.ndindex(f, f):
        dwindows[..., y, x] += share[..., y, x] * dA
    return dA_prev


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


def _windows(X, f, stride):
    """All windows of X as a view (m, n_H, n_W, n_C, f, f); writing to it writes to X."""
    windows = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2), writeable=True)
    return windows[:, ::stride, ::stride]
