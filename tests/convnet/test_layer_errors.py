"""Arguments that do not fit are refused, with the sizes and what to change, by both versions."""

import re

import numpy as np
import pytest

from convnet import layers, loops, output_size


def ones(*shape):
    return np.ones(shape)


SETTINGS = {"stride": 2, "pad": 1}
IMAGES, W, b = ones(2, 5, 7, 4), ones(3, 3, 4, 8), ones(1, 1, 1, 8)
W_TRANSPOSED = ones(3, 3, 8, 4)
DENSE = ones(2, 3), ones(3, 4), ones(1, 4)
NORM = ones(2, 3, 4), ones(4), ones(4), ones(4), 1e-5
LABELS = np.array([0, 3])

RIGHT = {  # arguments that are accepted; each row below replaces one of them
    "output_size": {"n": 5, "f": 3, "stride": 2, "pad": 1},
    "zero_pad": {"X": IMAGES, "pad": 1},
    "conv_single_step": {
        "a_slice_prev": ones(3, 3, 4),
        "W": ones(3, 3, 4),
        "b": ones(1, 1, 1),
    },
    "conv_forward": {"A_prev": IMAGES, "W": W, "b": b, "hparameters": SETTINGS},
    "conv_backward": {"dZ": ones(2, 3, 4, 8), "cache": (IMAGES, W, b, SETTINGS)},
    "pool_forward": {"A_prev": IMAGES, "hparameters": {"f": 3, "stride": 2}},
    "pool_backward": {"dA": ones(2, 2, 3, 4), "cache": (IMAGES, {"f": 3, "stride": 2})},
    "create_mask_from_window": {"x": ones(2, 3)},
    "distribute_value": {"dz": 1.0, "shape": (2, 3)},
    "relu": {"Z": ones(2, 3)},
    "relu_backward": {"dA": ones(2, 3), "cache": (ones(2, 3),)},
    "conv_transpose_forward": {
        "A_prev": IMAGES,
        "W": W_TRANSPOSED,
        "b": b,
        "hparameters": SETTINGS,
    },
    "conv_transpose_backward": {
        "dZ": ones(2, 9, 13, 8),
        "cache": (IMAGES, W_TRANSPOSED, b, SETTINGS),
    },
    "one_by_one_forward": {"A_prev": IMAGES, "W": ones(1, 1, 4, 8), "b": b},
    "dense_as_convolution": {"W": ones(18, 5), "b": ones(1, 5), "f": 3},
    "dense_forward": dict(zip(("A_prev", "W", "b"), DENSE, strict=True)),
    "dense_backward": {"dZ": ones(2, 4), "cache": DENSE},
    "batch_norm_forward": {"Z": ones(2, 3, 4), "gamma": ones(4), "beta": ones(4)},
    "batch_norm_backward": {"dA": ones(2, 3, 4), "cache": NORM},
    "softmax": {"Z": ones(2, 3)},
    "softmax_cross_entropy": {"Z": ones(2, 4), "labels": LABELS},
}

# fmt: off
WRONG = {  # by function: the argument replaced, and the beginning of the message
    "output_size": [
        ({"f": 8},
         "a filter of 8 is larger than the padded input, 7 (input 5, pad 1 on each side): use a "
         "smaller filter or more padding"),
        ({"n": 5.0}, "n is 5.0, expected an integer of at least 0: compute it with //"),
        ({"f": 0}, "f is 0, expected an integer of at least 1: use 1 or more"),
        ({"stride": 0}, "stride is 0, expected an integer of at least 1: use 1 or more"),
        ({"pad": -1}, "pad is -1, expected an integer of at least 0: use 0 or more"),
    ],
    "zero_pad": [
        ({"X": ones(5, 7, 4)},
         "X has 3 dimensions, shape (5, 7, 4), expected 4, (m, n_H, n_W, n_C): for one image "
         "use X[np.newaxis], shape (1, 5, 7, 4); for a batch with one channel X[..., "
         "np.newaxis], shape (5, 7, 4, 1)"),
        ({"X": ones(5, 7)},
         "X has 2 dimensions, shape (5, 7), expected 4, (m, n_H, n_W, n_C): reshape X"),
        ({"X": [[1, 2]]},
         "X is a list, expected an array of shape (m, n_H, n_W, n_C): convert it by np.array"),
        ({"X": IMAGES * 1j}, "X holds values of type complex128, expected real numbers: "),
        ({"X": IMAGES.astype(object)}, "X holds values of type object, expected real numbers: "),
        ({"pad": -1}, "pad is -1, expected an integer of at least 0: use 0 or more"),
        ({"pad": 1.0}, "pad is 1.0, expected an integer of at least 0: compute it with //"),
        ({"pad": "same"}, "pad is 'same', expected an integer of at least 0: use 0 or more"),
    ],
    "conv_single_step": [
        ({"a_slice_prev": ones(3, 3)},
         "a_slice_prev has 2 dimensions, shape (3, 3), expected 3, (f, f, n_C_prev): reshape "
         "a_slice_prev"),
        ({"a_slice_prev": ones(3, 2, 4)},
         "a_slice_prev has shape (3, 2, 4), expected (3, 3, 4): cut a window of the shape of W"),
        ({"a_slice_prev": ones(3, 3, 3)}, "a_slice_prev has shape (3, 3, 3), expected (3, 3, 4): "),
        ({"W": ones(3, 3, 4, 8)},
         "W has 4 dimensions, shape (3, 3, 4, 8), expected 3, (f, f, n_C_prev): reshape W"),
        ({"W": ones(3, 2, 4)},
         "W has shape (3, 2, 4), filters of 3x2, expected square ones of at least 1x1: make its "
         "first two axes equal"),
        ({"W": ones(0, 0, 4)},
         "W has shape (0, 0, 4), filters of 0x0, expected square ones of at least 1x1: "),
        ({"a_slice_prev": ones(3, 3, 0), "W": ones(3, 3, 0)},
         "W has shape (3, 3, 0), no weights at all: make each axis at least 1"),
        ({"b": ones(1)},
         "b has shape (1,), expected (1, 1, 1): give one bias for each filter, on the last axis"),
        ({"b": 1.0}, "b is a float, expected an array: convert it by np.array"),
    ],
    "conv_forward": [
        ({"A_prev": ones(5, 7, 4)},
         "A_prev has 3 dimensions, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, "
         "n_C_prev): for one image use A_prev[np.newaxis], shape (1, 5, 7, 4)"),
        ({"A_prev": ones(2, 4, 5, 7)},
         "A_prev of shape (2, 4, 5, 7) has 7 channels, W of shape (3, 3, 4, 8) expects 4: the "
         "last axis of A_prev and the third of W must agree"),
        ({"W": ones(3, 3, 4)},
         "W has 3 dimensions, shape (3, 3, 4), expected 4, (f, f, n_C_prev, n_C): reshape W"),
        ({"W": ones(3, 2, 4, 8)},
         "W has shape (3, 2, 4, 8), filters of 3x2, expected square ones of at least 1x1: "),
        ({"W": ones(0, 0, 4, 8)},
         "W has shape (0, 0, 4, 8), filters of 0x0, expected square ones of at least 1x1: "),
        ({"W": ones(3, 3, 4, 0)},
         "W has shape (3, 3, 4, 0), no weights at all: make each axis at least 1"),
        ({"b": ones(8)},
         "b has shape (8,), expected (1, 1, 1, 8): give one bias for each filter, on the last "
         "axis"),
        ({"b": ones(1, 1, 1, 4)}, "b has shape (1, 1, 1, 4), expected (1, 1, 1, 8): "),
        ({"hparameters": {"stride": 1}},
         "hparameters has the keys ['stride'], expected ['stride', 'pad']: add 'pad'"),
        ({"hparameters": {"pad": 1}},
         "hparameters has the keys ['pad'], expected ['stride', 'pad']: add 'stride'"),
        ({"hparameters": (1, 2)},
         "hparameters is (1, 2), expected a dictionary: give the keys ['stride', 'pad']"),
        ({"hparameters": {"stride": 0, "pad": 1}},
         "hparameters['stride'] is 0, expected an integer of at least 1: use 1 or more"),
        ({"hparameters": {"stride": 1.5, "pad": 1}},
         "hparameters['stride'] is 1.5, expected an integer of at least 1: compute it with //"),
        ({"hparameters": {"stride": 1, "pad": -2}},
         "hparameters['pad'] is -2, expected an integer of at least 0: use 0 or more"),
        ({"hparameters": {"stride": 1, "pad": 0.5}},
         "hparameters['pad'] is 0.5, expected an integer of at least 0: compute it with //"),
        ({"A_prev": ones(2, 2, 1, 4), "W": ones(5, 5, 4, 8)},
         "a filter of 5x5 is larger than the padded input, 4x3 (input 2x1, pad 1 on each side): "
         "use a smaller filter or more padding"),
        ({"A_prev": ones(2, 1, 9, 4), "W": ones(4, 4, 4, 8)},
         "a filter of 4x4 is larger than the padded input, 3x11 (input 1x9, pad 1 on each "
         "side): "),
        ({"A_prev": ones(2, 9, 1, 4), "W": ones(4, 4, 4, 8)},
         "a filter of 4x4 is larger than the padded input, 11x3 (input 9x1, pad 1 on each "
         "side): "),
    ],
    "conv_backward": [
        ({"dZ": ones(2, 4, 3, 8)},
         "dZ has shape (2, 4, 3, 8), expected (2, 3, 4, 8): pass the gradient of the Z that "
         "came with this cache"),
        ({"dZ": ones(3, 3, 4, 8)}, "dZ has shape (3, 3, 4, 8), expected (2, 3, 4, 8): "),
        ({"dZ": ones(3, 4, 8)},
         "dZ has 3 dimensions, shape (3, 4, 8), expected 4, (m, n_H, n_W, n_C): for one image "
         "use dZ[np.newaxis], shape (1, 3, 4, 8)"),
        ({"cache": (IMAGES, W, b)},
         "cache is a tuple of 3, expected a tuple of 4, (A_prev, W, b, hparameters): pass the "
         "cache that conv_forward returned"),
        ({"cache": None},
         "cache is a NoneType, expected a tuple of 4, (A_prev, W, b, hparameters): "),
        ({"cache": (IMAGES, W, ones(8), SETTINGS)}, "b has shape (8,), expected (1, 1, 1, 8): "),
        ({"cache": (IMAGES, W, b, {"stride": 2})},
         "hparameters has the keys ['stride'], expected ['stride', 'pad']: add 'pad'"),
    ],
    "pool_forward": [
        ({"A_prev": ones(5, 7, 4)},
         "A_prev has 3 dimensions, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, "
         "n_C_prev): "),
        ({"hparameters": {"stride": 2}},
         "hparameters has the keys ['stride'], expected ['f', 'stride']: add 'f'"),
        ({"hparameters": {"f": 2}},
         "hparameters has the keys ['f'], expected ['f', 'stride']: add 'stride'"),
        ({"hparameters": {"f": 0, "stride": 2}},
         "hparameters['f'] is 0, expected an integer of at least 1: use 1 or more"),
        ({"hparameters": {"f": 2, "stride": 0}},
         "hparameters['stride'] is 0, expected an integer of at least 1: use 1 or more"),
        ({"hparameters": {"f": 6, "stride": 2}},
         "a window of 6x6 is larger than the input, 5x7: use a smaller window"),
        ({"mode": "mean"},
         "mode is 'mean', expected one of ('max', 'average'): choose one of the two"),
    ],
    "pool_backward": [
        ({"dA": ones(2, 3, 2, 4)},
         "dA has shape (2, 3, 2, 4), expected (2, 2, 3, 4): pass the gradient of the A that "
         "came with this cache"),
        ({"dA": ones(2, 3, 4)},
         "dA has 3 dimensions, shape (2, 3, 4), expected 4, (m, n_H, n_W, n_C): "),
        ({"cache": (IMAGES, W, b, SETTINGS)},
         "cache is a tuple of 4, expected a tuple of 2, (A_prev, hparameters): pass the cache that "
         "pool_forward returned"),
        ({"cache": (IMAGES, {"f": 8, "stride": 1})},
         "a window of 8x8 is larger than the input, 5x7: "),
        ({"mode": "Max"}, "mode is 'Max', expected one of ('max', 'average'): "),
    ],
    "create_mask_from_window": [
        ({"x": ones(2, 2, 1)},
         "x has 3 dimensions, shape (2, 2, 1), expected 2, (f, f): reshape x"),
        ({"x": ones(0, 2)}, "x has shape (0, 2), an empty window has no maximum: cut a larger one"),
    ],
    "distribute_value": [
        ({"dz": ones(1, 1)},
         "dz is a ndarray of shape (1, 1), expected one number: spread the gradient of one "
         "output at a time"),
        ({"dz": "1"}, "dz is a str of shape (), expected one number: "),
        ({"shape": 4}, "shape is 4, expected (n_H, n_W): give the window's two sizes"),
        ({"shape": (2, 3, 1)}, "shape is (2, 3, 1), expected (n_H, n_W): "),
        ({"shape": (0, 3)}, "n_H is 0, expected an integer of at least 1: use 1 or more"),
        ({"shape": (2, 1.5)}, "n_W is 1.5, expected an integer of at least 1: compute it with //"),
    ],
    "relu": [
        ({"Z": 1.0}, "Z is a float, expected an array: convert it by np.array"),
    ],
    "relu_backward": [
        ({"dA": ones(3, 2)},
         "dA has shape (3, 2), expected (2, 3): pass the gradient of the A that came with this "
         "cache"),
        ({"cache": ones(2, 3)},
         "cache is a ndarray, expected a tuple of 1, (Z): pass the cache that relu returned"),
    ],
    "conv_transpose_forward": [
        ({"A_prev": ones(5, 7, 4)},
         "A_prev has 3 dimensions, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, "
         "n_C_prev): for one image use A_prev[np.newaxis], shape (1, 5, 7, 4)"),
        ({"A_prev": ones(2, 0, 7, 4)},
         "A_prev has shape (2, 0, 7, 4), images of 0x7, expected at least 1x1: pass images with "
         "pixels"),
        ({"W": ones(3, 3, 4)},
         "W has 3 dimensions, shape (3, 3, 4), expected 4, (f, f, n_C, n_C_prev): reshape W"),
        ({"W": ones(3, 3, 4, 8)},
         "A_prev of shape (2, 5, 7, 4) has 4 channels, W of shape (3, 3, 4, 8) expects 8: the "
         "last axis of A_prev and the last of W must agree"),
        ({"W": ones(3, 2, 8, 4)},
         "W has shape (3, 2, 8, 4), filters of 3x2, expected square ones of at least 1x1: "),
        ({"W": ones(3, 3, 0, 4)},
         "W has shape (3, 3, 0, 4), no weights at all: make each axis at least 1"),
        ({"b": ones(1, 1, 1, 4)},
         "b has shape (1, 1, 1, 4), expected (1, 1, 1, 8): give one bias for each filter"),
        ({"hparameters": {"stride": 1}},
         "hparameters has the keys ['stride'], expected ['stride', 'pad']: add 'pad'"),
        ({"hparameters": (1, 2)},
         "hparameters is (1, 2), expected a dictionary: give the keys ['stride', 'pad']"),
        ({"hparameters": SETTINGS | {"stride": 0}},
         "hparameters['stride'] is 0, expected an integer of at least 1: use 1 or more"),
        ({"hparameters": SETTINGS | {"pad": -1}},
         "hparameters['pad'] is -1, expected an integer of at least 0: use 0 or more"),
        ({"hparameters": SETTINGS | {"output_pad": -1}},
         "hparameters['output_pad'] is -1, expected an integer of at least 0: use 0 or more"),
        ({"hparameters": SETTINGS | {"output_pad": 0.5}},
         "hparameters['output_pad'] is 0.5, expected an integer of at least 0: compute it with //"),
        ({"hparameters": SETTINGS | {"output_pad": 2}},
         "hparameters['output_pad'] is 2, expected less than the stride, 2: it tells apart the "
         "inputs that a convolution makes equally small"),
        ({"A_prev": ones(2, 1, 7, 4), "hparameters": {"stride": 2, "pad": 2}},
         "the output would be -1x11 (input 1x7, filter 3x3, stride 2, pad 2): use less padding or "
         "a larger filter"),
    ],
    "conv_transpose_backward": [
        ({"dZ": ones(2, 13, 9, 8)},
         "dZ has shape (2, 13, 9, 8), expected (2, 9, 13, 8): pass the gradient of the Z that "
         "came with this cache"),
        ({"dZ": ones(9, 13, 8)},
         "dZ has 3 dimensions, shape (9, 13, 8), expected 4, (m, n_H, n_W, n_C): "),
        ({"cache": (IMAGES, W_TRANSPOSED, b, SETTINGS | {"output_pad": 1})},
         "dZ has shape (2, 9, 13, 8), expected (2, 10, 14, 8): "),
        ({"cache": [IMAGES, W_TRANSPOSED, b, SETTINGS]},
         "cache is a list, expected a tuple of 4, (A_prev, W, b, hparameters): pass the cache "
         "that conv_transpose_forward returned"),
        ({"cache": (IMAGES, W, b, SETTINGS)},
         "A_prev of shape (2, 5, 7, 4) has 4 channels, W of shape (3, 3, 4, 8) expects 8: "),
    ],
    "one_by_one_forward": [
        ({"W": W},
         "W has shape (3, 3, 4, 8), filters of 3x3, expected 1x1: use conv_forward for larger"),
        ({"W": ones(4, 8)},
         "W has 2 dimensions, shape (4, 8), expected 4, (1, 1, n_C_prev, n_C): reshape W"),
        ({"W": ones(1, 1, 8, 4)},
         "A_prev of shape (2, 5, 7, 4) has 4 channels, W of shape (1, 1, 8, 4) expects 8: "),
        ({"b": ones(1, 8)},
         "b has shape (1, 8), expected (1, 1, 1, 8): give one bias for each filter, on the last "),
        ({"A_prev": ones(5, 7, 4)}, "A_prev has 3 dimensions, shape (5, 7, 4), expected 4, "),
    ],
    "dense_as_convolution": [
        ({"W": ones(3, 3, 2, 5)},
         "W has 4 dimensions, shape (3, 3, 2, 5), expected 2, (f * f * n_C_prev, n_C): reshape W"),
        ({"W": ones(0, 5)}, "W has shape (0, 5), no weights at all: make each axis at least 1"),
        ({"b": ones(1, 1, 1, 5)},
         "b has shape (1, 1, 1, 5), expected (1, 5): give one bias for each unit, on the last "),
        ({"f": 0}, "f is 0, expected an integer of at least 1: use 1 or more"),
        ({"f": 3.0}, "f is 3.0, expected an integer of at least 1: compute it with //"),
        ({"f": 4},
         "W of shape (18, 5) has 18 rows, expected a multiple of f * f = 16: f is the height and "
         "width of the image that was flattened"),
    ],
    "dense_forward": [
        ({"A_prev": IMAGES},
         "A_prev has 4 dimensions, shape (2, 5, 7, 4), expected 2, (m, n_prev): reshape A_prev"),
        ({"A_prev": ones(2, 4)},
         "A_prev of shape (2, 4) has 4 columns, W of shape (3, 4) expects 3: the last axis of "
         "A_prev and the first of W must agree"),
        ({"W": ones(3)}, "W has 1 dimensions, shape (3,), expected 2, (n_prev, n): reshape W"),
        ({"W": ones(3, 0)}, "W has shape (3, 0), no weights at all: make each axis at least 1"),
        ({"b": ones(4)},
         "b has shape (4,), expected (1, 4): give one bias for each unit, on the last axis"),
        ({"b": 1.0}, "b is a float, expected an array: convert it by np.array"),
    ],
    "dense_backward": [
        ({"dZ": ones(4, 2)},
         "dZ has shape (4, 2), expected (2, 4): pass the gradient of the Z that came with this "
         "cache"),
        ({"dZ": ones(4)}, "dZ has 1 dimensions, shape (4,), expected 2, (m, n): reshape dZ"),
        ({"cache": DENSE[:2]},
         "cache is a tuple of 2, expected a tuple of 3, (A_prev, W, b): pass the cache that "
         "dense_forward returned"),
        ({"cache": (ones(2, 4), *DENSE[1:])},
         "A_prev of shape (2, 4) has 4 columns, W of shape (3, 4) expects 3: "),
    ],
    "batch_norm_forward": [
        ({"Z": [[1, 2]]}, "Z is a list, expected an array: convert it by np.array"),
        ({"Z": ones(4)},
         "Z has shape (4,), expected several values of each channel, (m, ..., n_C): pass a whole "
         "batch"),
        ({"Z": ones(0, 3, 4)}, "Z has shape (0, 3, 4), expected several values of each channel"),
        ({"gamma": ones(3)},
         "gamma has shape (3,), expected (4,): give one factor for each channel"),
        ({"gamma": 1.0}, "gamma is a float, expected an array: convert it by np.array"),
        ({"beta": ones(1, 4)},
         "beta has shape (1, 4), expected (4,): give one shift for each channel"),
        ({"beta": 1.0}, "beta is a float, expected an array: convert it by np.array"),
        ({"epsilon": 0}, "epsilon is 0, expected a small positive number: use 1e-5"),
        ({"epsilon": np.nan}, "epsilon is nan, expected a small positive number: use 1e-5"),
        ({"epsilon": "1e-5"}, "epsilon is '1e-5', expected a small positive number: use 1e-5"),
    ],
    "batch_norm_backward": [
        ({"dA": ones(2, 4, 3)},
         "dA has shape (2, 4, 3), expected (2, 3, 4): pass the gradient of the A that came with "
         "this cache"),
        ({"dA": None}, "dA is a NoneType, expected an array: convert it by np.array"),
        ({"cache": NORM[:4]},
         "cache is a tuple of 4, expected a tuple of 5, (Z, gamma, mean, variance, epsilon): pass "
         "the cache that batch_norm_forward returned"),
        ({"cache": (ones(4), *NORM[1:])},
         "Z has shape (4,), expected several values of each channel, (m, ..., n_C): "),
        ({"cache": (*NORM[:2], ones(3), *NORM[3:])},
         "mean has shape (3,), expected (4,): pass the cache that batch_norm_forward returned"),
        ({"cache": (*NORM[:3], 1.0, 1e-5)},
         "variance is a float, expected an array: convert it by np.array"),
        ({"cache": (*NORM[:4], -1.0)}, "epsilon is -1.0, expected a small positive number: "),
    ],
    "softmax": [
        ({"Z": [1.0, 2.0]}, "Z is a list, expected an array: convert it by np.array"),
        ({"Z": ones()}, "Z has shape (), expected scores along its last axis: add them"),
        ({"Z": ones(2, 0)}, "Z has shape (2, 0), expected scores along its last axis: add them"),
    ],
    "softmax_cross_entropy": [
        ({"Z": ones(4)}, "Z has 1 dimensions, shape (4,), expected 2, (m, n): reshape Z"),
        ({"Z": ones(0, 4), "labels": LABELS[:0]},
         "Z has shape (0, 4), expected at least one row and one class: add one"),
        ({"labels": [0, 3]},
         "labels are a list, expected an array of integers of shape (m,): "),
        ({"labels": np.eye(4, dtype=int)[LABELS]},
         "labels are int64 of shape (2, 4), expected an array of integers of shape (m,): "
         "labels.argmax(axis=1) makes them from one-hot labels, "),
        ({"labels": np.array([0, 3, 1])},
         "there are 3 labels for a batch of 2: give each its label"),
        ({"labels": ones(2)},
         "labels are float64 of shape (2,), expected an array of integers of shape (m,): "),
        ({"labels": LABELS > 0}, "labels are bool of shape (2,), expected an array of integers "),
        ({"labels": LABELS + 1},
         "labels run from 1 to 4, expected 0 to 3: there are scores of 4 classes"),
        ({"labels": LABELS - 1}, "labels run from -1 to 2, expected 0 to 3: "),
    ],
}
# fmt: on


def functions(name):
    if name == "output_size":
        return [output_size]
    return [getattr(version, name) for version in (loops, layers) if name in version.__all__]


@pytest.mark.parametrize("name", RIGHT)
def test_the_arguments_that_the_table_starts_from_are_accepted(name):
    for function in functions(name):
        function(**RIGHT[name])


@pytest.mark.parametrize(
    ("name", "replaced", "message"),
    [
        pytest.param(name, replaced, message, id=f"{name}: {message[:40]}")
        for name, rows in WRONG.items()
        for replaced, message in rows
    ],
)
def test_an_argument_that_does_not_fit_is_refused_with_the_sizes(name, replaced, message):
    for function in functions(name):
        with pytest.raises(ValueError, match="^" + re.escape(f"{name}: {message}")) as raised:
            function(**{**RIGHT[name], **replaced})
        cure = str(raised.value).rpartition(": ")[2]
        assert len(cure.split()) >= 2, "the message ends without saying what to change"


def test_every_function_has_rows_in_the_table():
    assert set(WRONG) == {"output_size", *layers.__all__}
