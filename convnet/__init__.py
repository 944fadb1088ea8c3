"""Convolutional networks in NumPy.

`convnet.functional` provides the layers as functions, forward and backward. `convnet.layers`
provides them as objects with parameters, and `convnet.network` stacks these to networks.
`convnet.training` trains a network, `convnet.data` loads data sets, `convnet.models` defines the
course's networks (some with trained weights), `convnet.checkpoints` saves weights to files,
`convnet.plots` draws, and `convnet.gradient_check` compares gradients with finite differences.

`convnet.im2col` explains how convolution becomes matrix products, and `convnet.convolution` chooses
faster methods for some sizes. `convnet.shapes` checks the arguments of functions, and
`convnet.sizes` computes output sizes.

>>> import numpy as np
>>> from convnet.functional import conv2d
>>> images, filters, biases = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.ones(8)
>>> conv2d(images, filters, biases, stride=2, padding=1).shape
(2, 3, 4, 8)
"""
