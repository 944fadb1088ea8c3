"""The backward functions agree with finite differences."""

from functools import partial

import numpy as np
import pytest

from convnet import functional
from convnet.gradient_check import check_gradients
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    POOLING,
    TRANSPOSE_CASES,
    both_modes,
    each,
    each_norm_shape,
    linear_inputs,
    norm_inputs,
    scores,
)


def weighted(function, settings=None):
    """Return (forward, backward) of x, W and b, for check_gradients."""
    settings, backward = settings or {}, getattr(functional, f"{function.__name__}_backward")
    return partial(function, **settings), lambda dy, x, W, b: backward(dy, x, W, **settings)


def named(arrays):
    return dict(zip(("x", "W", "b"), arrays, strict=True))


@each(CONV_CASES)
def test_conv2d_backward_is_the_gradient_of_conv2d(case):
    check_gradients(*weighted(functional.conv2d, case.settings), named(case.inputs()))


@each(CONV_CASES)
def test_depthwise_conv2d_backward_is_the_gradient_of_depthwise_conv2d(case):
    x, W, b = case.inputs()
    arrays = (x, W[..., 0], np.resize(b, x.shape[3]))
    check_gradients(*weighted(functional.depthwise_conv2d, case.settings), named(arrays))


@each(TRANSPOSE_CASES)
def test_conv_transpose2d_backward_is_the_gradient_of_conv_transpose2d(case):
    check_gradients(*weighted(functional.conv_transpose2d, case.settings), named(case.inputs()))


def test_linear_backward_is_the_gradient_of_linear():
    check_gradients(*weighted(functional.linear), named(linear_inputs()))


@both_modes
@each(POOL_CASES)
def test_pooling_backward_is_the_gradient_of_pooling(case, mode):
    functions = (partial(function, **case.settings) for function in POOLING[mode])
    check_gradients(*functions, {"x": case.inputs()})


def test_relu_backward_is_the_gradient_of_relu():
    x = CONV_CASES[0].inputs()[0]
    check_gradients(functional.relu, functional.relu_backward, {"x": x})


@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
@each_norm_shape
def test_batch_norm_backward_is_the_gradient_of_batch_norm(shape, epsilon):
    def backward(dy, x, gamma, beta):
        _, mean, variance = functional.batch_norm(x, gamma, beta, epsilon)
        return functional.batch_norm_backward(dy, x, gamma, mean, variance, epsilon)

    inputs = dict(zip(("x", "gamma", "beta"), norm_inputs(shape), strict=True))
    check_gradients(
        lambda **arrays: functional.batch_norm(**arrays, epsilon=epsilon)[0], backward, inputs
    )


def test_cross_entropy_backward_is_the_gradient_of_cross_entropy():
    x, labels = scores()
    check_gradients(
        partial(functional.cross_entropy, labels=labels),
        lambda dloss, x: dloss * functional.cross_entropy_backward(x, labels),
        {"x": x},
    )
