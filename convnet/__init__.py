"""The layers of a convolutional network in NumPy, forward and backward.

`convnet.layers` holds the vectorised functions, exported here; `loops` the taught ones as
plain loops, to be imported from there; `convnet.gradient_check` checks any gradient against finite
differences.

`convnet.network` makes networks of these layers, `convnet.training` trains them, `convnet.data`
loads what they are trained on, `convnet.models` has the networks of the course, some with their
weights, `convnet.checkpoints` keeps weights in files, `convnet.plots` draws.

>>> import numpy as np
>>> images, filters, biases = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.ones((1, 1, 1, 8))
>>> Z, cache = conv_forward(images, filters, biases, {"stride": 2, "pad": 1})
>>> Z.shape
(2, 3, 4, 8)
"""

from convnet._validate import output_size
from convnet.gradient_check import check_gradients, numeric_gradient
from convnet.layers import (
    batch_norm_backward,
    batch_norm_forward,
    conv_backward,
    conv_forward,
    conv_single_step,
    conv_transpose_backward,
    conv_transpose_forward,
    create_mask_from_window,
    dense_as_convolution,
    dense_backward,
    dense_forward,
    distribute_value,
    one_by_one_forward,
    pool_backward,
    pool_forward,
    relu,
    relu_backward,
    softmax,
    softmax_cross_entropy,
    zero_pad,
)

__all__ = [
    "batch_norm_backward",
    "batch_norm_forward",
    "check_gradients",
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
    "numeric_gradient",
    "one_by_one_forward",
    "output_size",
    "pool_backward",
    "pool_forward",
    "relu",
    "relu_backward",
    "softmax",
    "softmax_cross_entropy",
    "zero_pad",
]
