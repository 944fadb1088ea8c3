"""The layers of a convolutional network in NumPy, forward and backward.

`convnet.layers` holds the vectorised functions, exported here; `convnet.loops` the same functions
as plain loops, as they are taught, to be imported from there; `convnet.gradient_check` checks any
gradient against finite differences.

>>> import numpy as np
>>> images, filters, biases = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.ones((1, 1, 1, 8))
>>> Z, cache = conv_forward(images, filters, biases, {"stride": 2, "pad": 1})
>>> Z.shape
(2, 3, 4, 8)
"""

from convnet._validate import output_size
from convnet.gradient_check import check_gradients, numeric_gradient
from convnet.layers import (
    conv_backward,
    conv_forward,
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    pool_backward,
    pool_forward,
    relu,
    relu_backward,
    zero_pad,
)

__all__ = [
    "check_gradients",
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "create_mask_from_window",
    "distribute_value",
    "numeric_gradient",
    "output_size",
    "pool_backward",
    "pool_forward",
    "relu",
    "relu_backward",
    "zero_pad",
]
