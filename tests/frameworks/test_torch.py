"""The functions agree with PyTorch's independent implementations."""

import numpy as np
import pytest

from convnet import functional
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    POOLING,
    TIED_CASES,
    TRANSPOSE_CASES,
    both_modes,
    each,
    each_norm_shape,
    gradient_of,
    linear_inputs,
    norm_inputs,
    scores,
)

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: `make test-packages` sets up and runs this test"
)

both_dtypes = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)], ids=["float64", "float32"]
)


def leaf(array, *axes):
    """Return a tensor in PyTorch's axis order (images n, c, h, w) that accumulates a gradient."""
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
@pytest.mark.parametrize(
    ("name", "case"),
    [
        *(("conv2d", case) for case in CONV_CASES),
        *(("conv_transpose2d", case) for case in TRANSPOSE_CASES),
        *(("depthwise_conv2d", case) for case in CONV_CASES),
    ],
    ids=lambda value: getattr(value, "label", value),
)
def test_convolutions_agree_with_pytorch(name, case, dtype, tolerance):
    (x, W, b), function, theirs = case.inputs(dtype), name, case.settings
    if name == "depthwise_conv2d":
        W, b = W[..., 0], np.resize(b, x.shape[3])
        function, theirs = "conv2d", theirs | {"groups": x.shape[3]}
    y = getattr(functional, name)(x, W, b, **case.settings)
    dy = gradient_of(y)
    dx, dW, db = getattr(functional, f"{name}_backward")(dy, x, W, **case.settings)
    W, dW = (array.reshape(*array.shape[:2], -1, array.shape[-1]) for array in (W, dW))

    images, weight, bias = leaf(x, *TO_TORCH), leaf(W, *W_TO_TORCH), leaf(b)
    theirs = getattr(torch.nn.functional, function)(images, weight, bias, **theirs)
    theirs.backward(leaf(dy, *TO_TORCH).detach())

    assert_close(y, theirs, FROM_TORCH, tolerance)
    assert_close(dx, images.grad, FROM_TORCH, tolerance)
    assert_close(dW, weight.grad, W_FROM_TORCH, tolerance)
    assert_close(db, bias.grad, (), tolerance)


@both_dtypes
def test_a_linear_layer_agrees_with_pytorch(dtype, tolerance):
    x, W, b = linear_inputs(dtype)
    y = functional.linear(x, W, b)
    dy = gradient_of(y)
    dx, dW, db = functional.linear_backward(dy, x, W)

    vectors, weight, bias = leaf(x), leaf(W, 1, 0), leaf(b)
    theirs = torch.nn.functional.linear(vectors, weight, bias)
    theirs.backward(leaf(dy).detach())

    assert_close(y, theirs, (), tolerance)
    assert_close(dx, vectors.grad, (), tolerance)
    assert_close(dW, weight.grad, (1, 0), tolerance)
    assert_close(db, bias.grad, (), tolerance)


@both_dtypes
@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
@each_norm_shape
def test_batch_normalization_agrees_with_pytorch(shape, epsilon, dtype, tolerance):
    x, gamma, beta = norm_inputs(shape, dtype)
    y, mean, variance = functional.batch_norm(x, gamma, beta, epsilon)
    dy = gradient_of(y)
    dx, dgamma, dbeta = functional.batch_norm_backward(dy, x, gamma, mean, variance, epsilon)

    last = x.ndim - 1
    to_torch = (0, last, *range(1, last))
    from_torch = (0, *range(2, x.ndim), 1)
    batch, weight, bias = leaf(x, *to_torch), leaf(gamma), leaf(beta)
    normalize = torch.nn.functional.batch_norm
    theirs = normalize(batch, None, None, weight, bias, training=True, eps=epsilon)
    theirs.backward(leaf(dy, *to_torch).detach())

    assert_close(y, theirs, from_torch, tolerance)
    assert_close(dx, batch.grad, from_torch, tolerance)
    assert_close(dgamma, weight.grad, (), tolerance)
    assert_close(dbeta, bias.grad, (), tolerance)


@both_dtypes
@pytest.mark.parametrize("scale", [1, 1000], ids=["small", "beyond exp"])
def test_softmax_and_its_cross_entropy_agree_with_pytorch(scale, dtype, tolerance):
    x, labels = scores(dtype)
    x = x * dtype(scale)
    logits = leaf(x)
    expected = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
    expected.backward()

    assert_close(functional.softmax(x), torch.softmax(logits, dim=-1), (), tolerance)
    assert_close(np.asarray(functional.cross_entropy(x, labels)), expected, (), tolerance)
    assert_close(functional.cross_entropy_backward(x, labels), logits.grad, (), tolerance)


@both_dtypes
@both_modes
@each(POOL_CASES)
def test_pooling_agrees_with_pytorch(case, mode, dtype, tolerance):
    (forward, backward), x = POOLING[mode], case.inputs(dtype)
    y = forward(x, **case.settings)
    dy = gradient_of(y)
    dx = backward(dy, x, **case.settings)

    images = leaf(x, *TO_TORCH)
    theirs = pool(images, case, mode)
    theirs.backward(leaf(dy, *TO_TORCH).detach())

    assert_close(y, theirs, FROM_TORCH, tolerance)
    assert_close(dx, images.grad, FROM_TORCH, tolerance)


@each(TIED_CASES)
def test_tied_maxima_share_the_value_but_pytorch_sends_the_gradient_to_the_first(case):
    (forward, backward), x = POOLING["max"], case.inputs()
    y = forward(x, **case.settings)
    dy = gradient_of(y)

    images = leaf(x, *TO_TORCH)
    theirs = pool(images, case, "max")
    theirs.backward(leaf(dy, *TO_TORCH).detach())
    assert_close(y, theirs, FROM_TORCH, 1e-10)

    every, first = np.zeros(x.shape), np.zeros(x.shape)
    for i, h, w, c in np.ndindex(y.shape):
        top, left = h * case.stride, w * case.stride
        window = x[i, top : top + case.f, left : left + case.f, c]
        ties = np.argwhere(window == window.max())
        for row, column in ties:
            every[i, top + row, left + column, c] += dy[i, h, w, c]
        first[i, top + ties[0][0], left + ties[0][1], c] += dy[i, h, w, c]
    assert not np.allclose(every, first)  # otherwise the case would have no ties
    np.testing.assert_allclose(backward(dy, x, **case.settings), every, atol=1e-12)
    assert_close(first, images.grad, FROM_TORCH, 1e-12)
