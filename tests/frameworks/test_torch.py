"""The layers against PyTorch: two independent implementations of the same functions."""

import numpy as np
import pytest

from convnet import layers
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    TIED_CASES,
    TRANSPOSE_CASES,
    both_modes,
    dense_inputs,
    each,
    each_norm_shape,
    gradient_of,
    norm_inputs,
    scores,
)

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: `make test-frameworks` sets up and runs this test"
)

both_dtypes = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)], ids=["float64", "float32"]
)


def leaf(array, *axes):
    """A tensor with its axes in PyTorch's order (images n, c, h, w), that collects a gradient."""
    axes = axes or range(array.ndim)
    return torch.tensor(np.ascontiguousarray(array.transpose(axes)), requires_grad=True)


def assert_close(got, tensor, axes, tolerance):
    expected = tensor.detach().numpy().transpose(axes or range(tensor.ndim))
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

    x, weight, bias = leaf(A_prev, *TO_TORCH), leaf(W, *W_TO_TORCH), leaf(b.reshape(-1))
    z = torch.nn.functional.conv2d(x, weight, bias, stride=case.stride, padding=case.pad)
    z.backward(leaf(dZ, *TO_TORCH).detach())

    assert_close(Z, z, FROM_TORCH, tolerance)
    assert_close(dA_prev, x.grad, FROM_TORCH, tolerance)
    assert_close(dW, weight.grad, W_FROM_TORCH, tolerance)
    assert_close(db.reshape(-1), bias.grad, (), tolerance)


@both_dtypes
@each(TRANSPOSE_CASES)
def test_transposed_convolution_agrees_with_pytorch(case, dtype, tolerance):
    A_prev, W, b = case.inputs(dtype)
    Z, cache = layers.conv_transpose_forward(A_prev, W, b, case.hparameters)
    dZ = gradient_of(Z)
    dA_prev, dW, db = layers.conv_transpose_backward(dZ, cache)

    x, weight, bias = leaf(A_prev, *TO_TORCH), leaf(W, *W_TO_TORCH), leaf(b.reshape(-1))
    z = torch.nn.functional.conv_transpose2d(
        x, weight, bias, stride=case.stride, padding=case.pad, output_padding=case.output_pad
    )
    z.backward(leaf(dZ, *TO_TORCH).detach())

    assert_close(Z, z, FROM_TORCH, tolerance)
    assert_close(dA_prev, x.grad, FROM_TORCH, tolerance)
    assert_close(dW, weight.grad, W_FROM_TORCH, tolerance)
    assert_close(db.reshape(-1), bias.grad, (), tolerance)


@both_dtypes
def test_a_dense_layer_agrees_with_pytorch(dtype, tolerance):
    A_prev, W, b = dense_inputs(dtype)
    Z, cache = layers.dense_forward(A_prev, W, b)
    dZ = gradient_of(Z)
    dA_prev, dW, db = layers.dense_backward(dZ, cache)

    x, weight, bias = leaf(A_prev), leaf(W, 1, 0), leaf(b.reshape(-1))
    z = torch.nn.functional.linear(x, weight, bias)
    z.backward(leaf(dZ).detach())

    assert_close(Z, z, (), tolerance)
    assert_close(dA_prev, x.grad, (), tolerance)
    assert_close(dW, weight.grad, (1, 0), tolerance)
    assert_close(db.reshape(-1), bias.grad, (), tolerance)


@both_dtypes
@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
@each_norm_shape
def test_batch_normalization_agrees_with_pytorch(shape, epsilon, dtype, tolerance):
    Z, gamma, beta = norm_inputs(shape, dtype)
    A, cache = layers.batch_norm_forward(Z, gamma, beta, epsilon)
    dA = gradient_of(A)
    dZ, dgamma, dbeta = layers.batch_norm_backward(dA, cache)

    last = Z.ndim - 1
    to_torch = (0, last, *range(1, last))
    from_torch = (0, *range(2, Z.ndim), 1)
    x, weight, bias = leaf(Z, *to_torch), leaf(gamma), leaf(beta)
    a = torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True, eps=epsilon)
    a.backward(leaf(dA, *to_torch).detach())

    assert_close(A, a, from_torch, tolerance)
    assert_close(dZ, x.grad, from_torch, tolerance)
    assert_close(dgamma, weight.grad, (), tolerance)
    assert_close(dbeta, bias.grad, (), tolerance)


@both_dtypes
@pytest.mark.parametrize("scale", [1, 1000], ids=["small", "beyond exp"])
def test_softmax_and_its_cross_entropy_agree_with_pytorch(scale, dtype, tolerance):
    Z, labels = scores(dtype)
    Z = Z * dtype(scale)
    loss, dZ = layers.softmax_cross_entropy(Z, labels)

    z = leaf(Z)
    expected = torch.nn.functional.cross_entropy(z, torch.tensor(labels))
    expected.backward()

    assert_close(layers.softmax(Z), torch.softmax(z, dim=-1), (), tolerance)
    assert_close(np.asarray(loss), expected, (), tolerance)
    assert_close(dZ, z.grad, (), tolerance)


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
