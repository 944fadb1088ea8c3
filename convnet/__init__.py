"""Convolutional networks in NumPy.

`convnet.functional` has the layers as functions, forward and backward; `convnet.layers` the same as
objects that keep their parameters, and `convnet.network` networks of them. `convnet.training`
trains a network, `convnet.data` loads what it is trained on, `convnet.models` has the networks of
the course, some with their weights, `convnet.checkpoints` keeps weights in files, `convnet.plots`
draws, and `convnet.gradient_check` compares any gradient with finite differences.

`convnet.im2col` says how convolution becomes matrix products, `convnet.shapes` what the functions
accept, `convnet.sizes` how large their results are.

>>> import numpy as np
>>> from convnet.functional import conv2d
>>> images, filters, biases = np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), np.ones(8)
>>> conv2d(images, filters, biases, stride=2, padding=1).shape
(2, 3, 4, 8)
"""
