"""The backward functions against two oracles that know nothing of them.

Finite differences hold for any function; the adjoint identity <conv(x), g> = <x, backward(g)> holds
for anything linear, so to all digits.
"""

from functools import partial

import numpy as np
import pytest

from convnet import check_gradients, layers
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    TRANSPOSE_CASES,
    both_modes,
    both_versions,
    dense_inputs,
    each,
    each_norm_shape,
    gradient_of,
    norm_inputs,
    scores,
)


@both_versions
@each(CONV_CASES)
def test_conv_backward_is_the_gradient_of_conv_forward(version, case):
    check_gradients(
        partial(version.conv_forward, hparameters=case.hparameters),
        version.conv_backward,
        dict(zip(("A_prev", "W", "b"), case.inputs(), strict=True)),
    )


@both_modes
@both_versions
@each(POOL_CASES)
def test_pool_backward_is_the_gradient_of_pool_forward(version, case, mode):
    check_gradients(
        partial(version.pool_forward, hparameters=case.hparameters, mode=mode),
        partial(version.pool_backward, mode=mode),
        {"A_prev": case.inputs()},
    )


def test_relu_backward_is_the_gradient_of_relu():
    check_gradients(layers.relu, layers.relu_backward, {"Z": CONV_CASES[0].inputs()[0]})


@each(TRANSPOSE_CASES)
def test_conv_transpose_backward_is_the_gradient_of_conv_transpose_forward(case):
    check_gradients(
        partial(layers.conv_transpose_forward, hparameters=case.hparameters),
        layers.conv_transpose_backward,
        dict(zip(("A_prev", "W", "b"), case.inputs(), strict=True)),
    )


def test_dense_backward_is_the_gradient_of_dense_forward():
    inputs = dict(zip(("A_prev", "W", "b"), dense_inputs(), strict=True))
    check_gradients(layers.dense_forward, layers.dense_backward, inputs)


@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
@each_norm_shape
def test_batch_norm_backward_is_the_gradient_of_batch_norm_forward(shape, epsilon):
    check_gradients(
        partial(layers.batch_norm_forward, epsilon=epsilon),
        layers.batch_norm_backward,
        dict(zip(("Z", "gamma", "beta"), norm_inputs(shape), strict=True)),
    )


def test_softmax_cross_entropy_comes_with_its_gradient():
    Z, labels = scores()
    loss_and_gradient = partial(layers.softmax_cross_entropy, labels=labels)
    check_gradients(loss_and_gradient, lambda d_loss, dZ: d_loss * dZ, {"Z": Z})


@each(TRANSPOSE_CASES)
def test_transposed_convolution_is_the_adjoint_of_convolution(case):
    A_prev, W, b = case.inputs()
    Z, _ = layers.conv_transpose_forward(A_prev, W, np.zeros_like(b), case.hparameters)
    dZ = gradient_of(Z)
    no_bias = np.zeros((1, 1, 1, case.n_C_prev))
    dA_prev, _ = layers.conv_forward(dZ, W, no_bias, case.hparameters)
    assert np.vdot(Z, dZ) == pytest.approx(np.vdot(A_prev, dA_prev), rel=1e-12, abs=1e-12)


@both_versions
@each(CONV_CASES)
def test_conv_backward_is_the_adjoint_of_conv_forward(version, case):
    A_prev, W, b = case.inputs()
    Z, cache = version.conv_forward(A_prev, W, np.zeros_like(b), case.hparameters)
    dZ = gradient_of(Z)
    dA_prev, dW, _ = version.conv_backward(dZ, cache)
    assert np.vdot(Z, dZ) == pytest.approx(np.vdot(A_prev, dA_prev), rel=1e-12, abs=1e-12)
    assert np.vdot(Z, dZ) == pytest.approx(np.vdot(W, dW), rel=1e-12, abs=1e-12)


@both_versions
@each(POOL_CASES)
def test_pool_backward_is_the_adjoint_of_average_pooling(version, case):
    A_prev = case.inputs()
    A, cache = version.pool_forward(A_prev, case.hparameters, "average")
    dA = gradient_of(A)
    dA_prev = version.pool_backward(dA, cache, "average")
    assert np.vdot(A, dA) == pytest.approx(np.vdot(A_prev, dA_prev), rel=1e-12, abs=1e-12)
