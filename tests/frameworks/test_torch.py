"""Convolution and pooling against PyTorch: two independent implementations of the same layers."""

import numpy as np
import pytest

from convnet import layers
from tests.convnet.cases import CONV_CASES, POOL_CASES, TIED_CASES, both_modes, each, gradient_of

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: `make test-frameworks` sets up and runs this test"
)

both_dtypes = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)], ids=["float64", "float32"]
)


def leaf(array, *axes):
    """A tensor with its axes in PyTorch's order (images n, c, h, w), that collects a gradient."""
    return torch.tensor(np.ascontiguousarray(array.transpose(axes)), requires_grad=True)


def assert_close(got, tensor, axes, tolerance):
    expected = tensor.detach().numpy().transpose(axes)
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, strict=True)


TO_TORCH, FROM_TORCH = (0, 3, 1, 2), (0, 2, 3, 1)  # channels last to first, and back
W_TO_TORCH, W_FROM_TORCH = (
    (3, 2, 0, 1),
    (2, 3, 1, 0),
)  # (f, f, n_C_prev, n_C) to (n_C, n_C_prev, f, f)


def pool(x, case, mode):
    function = torch.nn.functional.max_pool2d if mode == "max" else torch.nn.functional.avg_pool2d
    return function(x, kernel_size=case.f, stride=case.stride)


@both_dtypes
@each(CONV_CASES)
def test_convolution_agrees_with_pytorch(case, dtype, tolerance):
    A_prev, W, b = case.inputs(dtype)
    Z, cache = layers.conv_forward(A_prev, W, b, case.hparameters)
    dZ = gradient_of(Z)
    dA_prev, dW, db = layers.conv_backward(dZ, cache)

    x, weight, bias = leaf(A_prev, *TO_TORCH), leaf(W, *W_TO_TORCH), leaf(b.reshape(-1), 0)
    z = torch.nn.functional.conv2d(x, weight, bias, stride=case.stride, padding=case.pad)
    z.backward(leaf(dZ, *TO_TORCH).detach())

    assert_close(Z, z, FROM_TORCH, tolerance)
    assert_close(dA_prev, x.grad, FROM_TORCH, tolerance)
    assert_close(dW, weight.grad, W_FROM_TORCH, tolerance)
    assert_close(db.reshape(-1), bias.grad, (0,), tolerance)


@both_dtypes
@both_modes
@each(POOL_CASES)
def test_pooling_agrees_with_pytorch(case, mode, dtype, tolerance):
    A_prev = case.inputs(dtype)
    A, cache = layers.pool_forward(A_prev, case.hparameters, mode)
    dA = gradient_of(A)
    dA_prev = layers.pool_backward(dA, cache, mode)

    x = leaf(A_prev, *TO_TORCH)
    a = pool(x, case, mode)
    a.backward(leaf(dA, *TO_TORCH).detach())

    assert_close(A, a, FROM_TORCH, tolerance)
    assert_close(dA_prev, x.grad, FROM_TORCH, tolerance)


@each(TIED_CASES)
def test_tied_maxima_share_the_value_but_pytorch_sends_the_gradient_to_the_first(case):
    A_prev = case.inputs()
    A, cache = layers.pool_forward(A_prev, case.hparameters, "max")
    dA = gradient_of(A)

    x = leaf(A_prev, *TO_TORCH)
    a = pool(x, case, "max")
    a.backward(leaf(dA, *TO_TORCH).detach())
    assert_close(A, a, FROM_TORCH, 1e-10)

    every, first = np.zeros(A_prev.shape), np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * case.stride, w * case.stride
        window = A_prev[i, top : top + case.f, left : left + case.f, c]
        ties = np.argwhere(window == window.max())
        for y, x_ in ties:
            every[i, top + y, left + x_, c] += dA[i, h, w, c]
        first[i, top + ties[0][0], left + ties[0][1], c] += dA[i, h, w, c]
    assert not np.allclose(every, first)  # so that the case has ties
    np.testing.assert_allclose(layers.pool_backward(dA, cache, "max"), every, atol=1e-12)
    assert_close(first, x.grad, FROM_TORCH, 1e-12)
