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
    both_modes,
    both_versions,
    each,
    gradient_of,
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
