"""The functions agree with their definitions."""

import doctest
import inspect
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convnet
from convnet import blocks, functional, gradient_check, network, sizes
from convnet.functional import (
    batch_norm,
    batch_norm_backward,
    conv2d,
    conv2d_backward,
    conv_transpose2d,
    conv_transpose2d_backward,
    cross_entropy,
    cross_entropy_backward,
    depthwise_conv2d,
    depthwise_conv2d_backward,
    linear,
    linear_backward,
    relu,
    relu_backward,
    softmax,
)
from tests.convnet import naive
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


def assert_close(actual, expected, tolerance=1e-12):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance, strict=True)


def assert_all_close(actual, expected):
    for one, other in zip(actual, expected, strict=True):
        assert_close(one, other)


# Against the definitions, for all block sizes


@pytest.fixture(
    params=[None, 1, 100, 300, 1000, 3000], ids=lambda size: f"block {size or 'as it is'}"
)
def block(request, monkeypatch):
    """Set the block size in bytes: whole batches, some rows, or one."""
    if request.param:
        monkeypatch.setattr(blocks, "BLOCK", request.param)
        monkeypatch.setattr(blocks, "FEWEST", 1)


@pytest.mark.parametrize(
    ("size", "fewest", "shapes"),
    [
        (1, 1, [(1, 1)] * 15),
        (250, 1, [(1, 2), (1, 2), (1, 1)] * 3),
        (500, 1, [(1, 5)] * 3),
        (1100, 1, [(2, 5), (1, 5)]),
        (9999, 1, [(3, 5)]),
        (1, 5, [(1, 2), (1, 2), (1, 1)] * 3),
        (1, 40, [(2, 5), (1, 5)]),
    ],
    ids=[
        "single rows",
        "few rows",
        "one image",
        "few images",
        "all",
        "rows of at least 5 windows",
        "images of at least 40 windows",
    ],
)
def test_blocks_are_as_large_as_allowed_and_cover_every_row_once(monkeypatch, size, fewest, shapes):
    monkeypatch.setattr(blocks, "BLOCK", size)
    monkeypatch.setattr(blocks, "FEWEST", fewest)
    rows = np.zeros((3, 5), int)  # 4 windows of 25 bytes each
    found = []
    for block in blocks.images_and_rows((*rows.shape, 4), 25):
        rows[block] += 1
        found.append(rows[block].shape)
    assert found == shapes
    assert_close(rows, np.ones((3, 5), int))


@each(CONV_CASES)
def test_convolution_agrees_with_its_definition(case, block):
    x, W, b = case.inputs()
    y = conv2d(x, W, b, **case.settings)
    assert_close(y, naive.conv2d(x, W, b, **case.settings))
    dy = gradient_of(y)
    gradients = conv2d_backward(dy, x, W, **case.settings)
    assert_all_close(gradients, naive.conv2d_backward(dy, x, W, **case.settings))


@both_modes
@each(POOL_CASES + TIED_CASES)
def test_pooling_agrees_with_its_definition(case, mode, block):
    (forward, backward), x = POOLING[mode], case.inputs()
    y = forward(x, **case.settings)
    assert_close(y, naive.pool2d(x, **case.settings, mode=mode))
    dy = gradient_of(y)
    expected = naive.pool2d_backward(dy, x, **case.settings, mode=mode)
    assert_close(backward(dy, x, **case.settings), expected)


@each(CONV_CASES)
def test_a_depthwise_convolution_is_a_convolution_of_each_channel(case):
    x, W, b = case.inputs()
    W, b = W[..., 0], np.resize(b, x.shape[3])
    y = depthwise_conv2d(x, W, b, **case.settings)
    dy = gradient_of(y)
    dx, dW, db = depthwise_conv2d_backward(dy, x, W, **case.settings)
    for k in range(x.shape[3]):
        one = np.s_[k : k + 1]
        kernel = W[:, :, one, None]
        assert_close(y[..., one], conv2d(x[..., one], kernel, b[one], **case.settings))
        gradients = conv2d_backward(dy[..., one], x[..., one], kernel, **case.settings)
        assert_all_close((dx[..., one], dW[:, :, one, None], db[one]), gradients)


@each(TRANSPOSE_CASES)
def test_transposed_convolution_agrees_with_its_definition(case, block):
    x, W, b = case.inputs()
    y = conv_transpose2d(x, W, b, **case.settings)
    assert_close(y, naive.conv_transpose2d(x, W, b, **case.settings))


@each(TRANSPOSE_CASES)
def test_no_block_changes_the_gradient_of_a_transposed_convolution(case, monkeypatch):
    x, W, b = case.inputs()
    dy = gradient_of(conv_transpose2d(x, W, b, **case.settings))
    whole = conv_transpose2d_backward(dy, x, W, **case.settings)
    monkeypatch.setattr(blocks, "BLOCK", 1)
    assert_all_close(conv_transpose2d_backward(dy, x, W, **case.settings), whole)


# Against the definitions and the adjoint, at random sizes

lengths = st.integers(1, 9)
kernels = st.integers(1, 4)
paddings = st.integers(0, 3)
channels = st.integers(1, 12)  # below and above im2col's SHORT


@st.composite
def convolutions(draw):
    """Draw x, W, b and settings of a convolution whose kernel fits."""
    f, stride, padding = draw(kernels), draw(kernels), draw(paddings)
    (n_H, n_W) = (max(draw(lengths), f - 2 * padding) for _ in range(2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    (n_C, n_C_out) = draw(channels), draw(channels)
    x = rng.standard_normal((draw(st.integers(1, 3)), n_H, n_W, n_C))
    W, b = rng.standard_normal((f, f, n_C, n_C_out)), rng.standard_normal(n_C_out)
    return x, W, b, {"stride": stride, "padding": padding}


@given(convolutions())
def test_convolution_agrees_with_its_definition_at_any_size(drawn):
    x, W, b, settings = drawn
    y = conv2d(x, W, b, **settings)
    assert_close(y, naive.conv2d(x, W, b, **settings), 1e-10)
    dy = gradient_of(y)
    for actual, expected in zip(
        conv2d_backward(dy, x, W, **settings),
        naive.conv2d_backward(dy, x, W, **settings),
        strict=True,
    ):
        assert_close(actual, expected, 1e-10)


@given(convolutions())
def test_a_transposed_convolution_is_the_adjoint_at_any_size(drawn):
    """<conv(x), g> = <x, conv_transpose(g)>, including sizes with a remainder."""
    x, W, _, settings = drawn
    y = conv2d(x, W, **settings)
    g = gradient_of(y)
    x_back = conv2d_backward(g, x, W, **settings)[0]
    assert np.vdot(y, g) == pytest.approx(np.vdot(x, x_back), rel=1e-9, abs=1e-9)
    rest = (x.shape[1] + 2 * settings["padding"] - len(W)) % settings["stride"]
    if rest == (x.shape[2] + 2 * settings["padding"] - len(W)) % settings["stride"]:
        assert_close(conv_transpose2d(g, W, **settings, output_padding=rest), x_back, 1e-10)


@given(convolutions(), st.sampled_from(["max", "average"]))
def test_pooling_agrees_with_its_definition_at_any_size(drawn, mode):
    x, W, _, settings = drawn
    window = {"f": min(len(W), *x.shape[1:3]), "stride": settings["stride"]}
    forward, backward = POOLING[mode]
    y = forward(x, **window)
    assert_close(y, naive.pool2d(x, **window, mode=mode))
    dy = gradient_of(y)
    assert_close(backward(dy, x, **window), naive.pool2d_backward(dy, x, **window, mode=mode))


# Omitted arguments


def test_biases_that_are_left_out_are_0():
    for function, (x, W, b) in (
        (conv2d, CONV_CASES[3].inputs()),
        (conv_transpose2d, TRANSPOSE_CASES[3].inputs()),
        (linear, linear_inputs()),
    ):
        expected = function(x, W, np.zeros_like(b))
        assert_close(function(x, W), expected)
        assert_close(function(x, W, b=None), expected)


def test_windows_are_side_by_side_where_the_stride_is_left_out():
    x = POOL_CASES[2].inputs()
    for forward, backward in POOLING.values():
        y = forward(x, 2)
        assert_close(y, forward(x, f=2, stride=2))
        assert_close(backward(y, x, 2), backward(dy=y, x=x, f=2, stride=2))


# The other layers, each against its definition


def test_a_linear_layer_is_a_product_plus_the_bias():
    x, W, b = linear_inputs()
    assert_close(linear(x, W, b), np.einsum("ip,pc->ic", x, W) + b)


@each_norm_shape
def test_batch_norm_gives_each_channel_its_mean_and_deviation(shape, block):
    x, gamma, beta = norm_inputs(shape)
    rest = tuple(range(x.ndim - 1))
    mean, variance = np.mean(x, axis=rest), np.var(x, axis=rest)
    y, *statistics = batch_norm(x, gamma, beta)
    assert_close(y, gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta)
    assert_all_close(statistics, (mean, variance))
    y, *statistics = batch_norm(x, gamma, beta, epsilon=0.5)
    assert_close(y, gamma * (x - mean) / np.sqrt(variance + 0.5) + beta)

    dy = gradient_of(y)
    dx, dgamma, dbeta = batch_norm_backward(dy, x, gamma, *statistics, epsilon=0.5)
    deviation = np.sqrt(variance + 0.5)
    normal = (x - mean) / deviation
    assert_close(dgamma, np.sum(dy * normal, axis=rest))
    assert_close(dbeta, np.sum(dy, axis=rest))
    along = np.mean(dy, axis=rest) + normal * np.mean(dy * normal, axis=rest)
    assert_close(dx, gamma / deviation * (dy - along))


@pytest.mark.parametrize("shape", [(4,), (2, 4), (0, 4), (2, 3, 4)], ids=str)
def test_softmax_gives_each_row_probabilities_in_proportion_to_exp(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    assert_close(softmax(x), np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True))


def test_cross_entropy_is_the_mean_logarithm():
    x, labels = scores()
    y = softmax(x)
    expected = -np.mean([np.log(y[i, label]) for i, label in enumerate(labels)])
    assert_close(cross_entropy(x, labels), expected)
    assert_close(cross_entropy_backward(x, labels), (y - np.eye(4)[labels]) / 6)


def test_scores_beyond_the_range_of_exp_are_no_trouble():
    x, labels = np.array([[0.0, 1000.0], [-1000.0, 0.0], [5000.0, 5000.0]]), np.array([0, 1, 1])
    assert_close(softmax(x), np.array([[0.0, 1.0], [0.0, 1.0], [0.5, 0.5]]))
    assert_close(cross_entropy(x, labels), np.float64((1000 + np.log(2)) / 3))
    expected = np.array([[-1.0, 1.0], [0.0, 0.0], [0.5, -0.5]]) / 3
    assert_close(cross_entropy_backward(x, labels), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.bool_])
def test_scores_that_are_integers_count_as_float64(dtype):
    x, labels = np.array([[1, 0, 1], [0, 0, 1]]), np.array([1, 2])
    assert_close(softmax(x.astype(dtype)), softmax(x * 1.0))
    for function in (cross_entropy, cross_entropy_backward):
        assert_close(function(x.astype(dtype), labels), function(x * 1.0, labels))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_labels_may_be_integers_of_any_size(dtype):
    x, labels = np.eye(3, 256), np.array([200, 2, 255])
    for function in (cross_entropy, cross_entropy_backward):
        assert_close(function(x, labels.astype(dtype)), function(x, labels))


def test_relu_keeps_what_is_positive_and_so_does_its_gradient():
    x = np.array([[-2.0, 0.0, 3.0]])
    assert_close(relu(x), np.array([[0.0, 0.0, 3.0]]))
    assert_close(relu_backward(np.array([[5.0, 6.0, 7.0]]), x), np.array([[0, 0, 7.0]]))


# Batches without examples


def test_a_batch_without_images_gives_outputs_without_images():
    x, W, b = CONV_CASES[0].inputs()
    y = conv2d(x[:0], W, b)
    dx, dW, db = conv2d_backward(y, x[:0], W)
    assert y.shape == (0, 4, 3, 3)
    assert dx.shape == (0, 4, 3, 2)
    assert_close(dW, np.zeros(W.shape))
    assert_close(db, np.zeros(b.shape))


def test_a_batch_without_examples_is_let_through_where_no_mean_is_taken():
    x, W, b = TRANSPOSE_CASES[3].inputs()
    settings = TRANSPOSE_CASES[3].settings
    y = conv_transpose2d(x[:0], W, b, **settings)
    gradients = [y, *conv_transpose2d_backward(y, x[:0], W, **settings)]
    assert [array.shape for array in gradients] == [(0, 4, 6, 2), (0, 4, 6, 3), W.shape, b.shape]
    x, W, b = linear_inputs()
    y = linear(x[:0], W, b)
    gradients = [y, *linear_backward(y, x[:0], W)]
    assert [array.shape for array in gradients] == [(0, 5), (0, 3), W.shape, b.shape]


@both_modes
def test_pooling_no_images_gives_no_images(mode):
    (forward, backward), x = POOLING[mode], np.ones((0, 4, 6, 3))
    assert forward(x, 2).shape == (0, 2, 3, 3)
    assert backward(forward(x, 2), x, 2).shape == (0, 4, 6, 3)


# Memory


def test_a_convolution_needs_little_memory_beside_what_goes_in_and_comes_out():
    rng = np.random.default_rng(0)
    x = rng.random((256, 28, 28, 4), np.float32)  # all windows together are 49 times as large
    W, b = rng.random((7, 7, 4, 4), np.float32), np.zeros(4, np.float32)

    def peak(function, *arguments):
        tracemalloc.start()
        try:
            result = function(*arguments, stride=1, padding=3)
            return result, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    y, forward = peak(conv2d, x, W, b)
    _, backward = peak(conv2d_backward, y, x, W)
    assert forward < 3 * (x.nbytes + y.nbytes)
    assert backward < 3 * (x.nbytes + y.nbytes + x.nbytes)


# The examples in the docstrings

EXAMPLES = {
    "convnet": convnet,
    "network": network,
    **{name: getattr(functional, name) for name in functional.__all__},
    **{name: getattr(gradient_check, name) for name in gradient_check.__all__},
    "conv_output_shape": sizes.conv_output_shape,
    "conv_transpose_output_shape": sizes.conv_transpose_output_shape,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_the_docstring_is_true(name):
    text = inspect.getdoc(EXAMPLES[name])
    names = {"np": np, "Network": network.Network, **EXAMPLES}
    example = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    assert example.examples, f"{name} has no example"
    report = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)
