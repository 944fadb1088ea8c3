"""The fast layers do what the taught loops do, and both leave their arguments alone."""

import copy
import doctest
import inspect
import tracemalloc

import numpy as np
import pytest

import convnet
from convnet import _blocks, gradient_check, layers, loops
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    TIED_CASES,
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


def assert_close(got, expected, tolerance=1e-12):
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, strict=True)


# Loops and layers agree, however much is computed at a time


@pytest.fixture(
    params=[None, 1, 100, 300, 1000, 3000], ids=lambda size: f"block {size or 'as it is'}"
)
def block(request, monkeypatch):
    """The bytes that are worked on at a time: whole batches here, some rows, or one."""
    if request.param:
        monkeypatch.setattr(_blocks, "BLOCK", request.param)


@pytest.mark.parametrize(
    ("size", "blocks"),
    [
        (1, [(1, 1)] * 15),
        (250, [(1, 2), (1, 2), (1, 1)] * 3),
        (500, [(1, 5)] * 3),
        (1100, [(2, 5), (1, 5)]),
        (9999, [(3, 5)]),
    ],
    ids=["single rows", "few rows", "one image", "few images", "all"],
)
def test_blocks_are_as_large_as_allowed_and_cover_every_row_once(monkeypatch, size, blocks):
    monkeypatch.setattr(_blocks, "BLOCK", size)
    rows = np.zeros((3, 5), int)  # 100 bytes each
    found = []
    for block in _blocks.images_and_rows(rows.shape, 100):
        rows[block] += 1
        found.append(rows[block].shape)
    assert found == blocks
    assert_close(rows, np.ones((3, 5), int))


@each(CONV_CASES)
def test_convolution_agrees_with_the_loops(case, block):
    arguments = (*case.inputs(), case.hparameters)
    (Z, cache), (Z_loops, cache_loops) = (v.conv_forward(*arguments) for v in (layers, loops))
    assert_close(Z, Z_loops)

    dZ = gradient_of(Z)
    gradients = layers.conv_backward(dZ, cache_loops)
    gradients_loops = loops.conv_backward(dZ, cache)
    for got, expected in zip(gradients, gradients_loops, strict=True):
        assert_close(got, expected)


@both_modes
@each(POOL_CASES + TIED_CASES)
def test_pooling_agrees_with_the_loops(case, mode, block):
    arguments = (case.inputs(), case.hparameters, mode)
    (A, cache), (A_loops, cache_loops) = (v.pool_forward(*arguments) for v in (layers, loops))
    assert_close(A, A_loops)

    dA = gradient_of(A)
    got = layers.pool_backward(dA, cache_loops, mode)
    assert_close(got, loops.pool_backward(dA, cache, mode))


@pytest.mark.parametrize("pad", [0, 1, 2])
def test_padding_agrees_with_the_loops(pad):
    X = CONV_CASES[0].inputs()[0]
    assert_close(layers.zero_pad(X, pad), loops.zero_pad(X, pad))


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (4, 1)])
@both_versions
def test_a_value_is_distributed_evenly_over_any_shape(version, shape):
    assert_close(version.distribute_value(-3.0, shape), np.full(shape, -3.0 / np.prod(shape)))


@both_versions
def test_a_batch_without_images_gives_outputs_without_images(version):
    case = CONV_CASES[0]
    A_prev, W, b = case.inputs()
    Z, cache = version.conv_forward(A_prev[:0], W, b, case.hparameters)
    dA_prev, dW, db = version.conv_backward(Z, cache)
    assert Z.shape == (0, 4, 3, 3)
    assert dA_prev.shape == (0, 4, 3, 2)
    assert_close(dW, np.zeros(W.shape))
    assert_close(db, np.zeros(b.shape))


# Ties, and what lies outside the windows


@both_versions
def test_every_tied_maximum_is_marked(version):
    mask = version.create_mask_from_window(np.array([[3.0, 1.0, 3.0], [0.0, 3.0, 2.0]]))
    assert_close(mask, np.array([[True, False, True], [False, True, False]]))


@both_versions
def test_every_tied_maximum_receives_the_whole_gradient(version):
    A, cache = version.pool_forward(np.ones((1, 2, 3, 1)), {"f": 2, "stride": 1})
    dA_prev = version.pool_backward(np.array([[[[5.0], [7.0]]]]), cache)
    assert_close(dA_prev[0, :, :, 0], np.array([[5.0, 12.0, 7.0], [5.0, 12.0, 7.0]]))


@both_modes
@both_versions
def test_pixels_that_no_window_covers_receive_no_gradient(version, mode):
    A, cache = version.pool_forward(np.ones((1, 6, 5, 1)), {"f": 2, "stride": 3}, mode)
    dA_prev = version.pool_backward(np.ones(A.shape), cache, mode)[0, :, :, 0]
    covered = np.zeros((6, 5), dtype=bool)
    covered[np.ix_([0, 1, 3, 4], [0, 1, 3, 4])] = True
    assert_close(dA_prev != 0, covered)


# What is in the layers only: each against its definition


@each(TRANSPOSE_CASES)
def test_transposed_convolution_adds_up_filters_that_lie_a_stride_apart(case, block):
    A_prev, W, b = case.inputs()
    (m, n_H_prev, n_W_prev, _), (f, _, n_C, _) = A_prev.shape, W.shape
    stride, pad = case.stride, case.pad
    n_H, n_W = (stride * (n - 1) + f + case.output_pad for n in (n_H_prev, n_W_prev))
    padded = np.zeros((m, n_H, n_W, n_C))
    for h, w in np.ndindex(n_H_prev, n_W_prev):
        laid = np.einsum("ip,yxcp->iyxc", A_prev[:, h, w], W)
        padded[:, h * stride : h * stride + f, w * stride : w * stride + f] += laid
    Z, _ = layers.conv_transpose_forward(A_prev, W, b, case.hparameters)
    assert_close(Z, padded[:, pad : n_H - pad, pad : n_W - pad] + b)


@each(TRANSPOSE_CASES)
def test_transposed_convolution_agrees_with_the_loops(case):
    arguments = (*case.inputs(), case.hparameters)
    (Z, _), (Z_loops, _) = (v.conv_transpose_forward(*arguments) for v in (layers, loops))
    assert_close(Z, Z_loops)


@each(TRANSPOSE_CASES)
def test_no_block_changes_the_gradient_of_a_transposed_convolution(case, monkeypatch):
    Z, cache = layers.conv_transpose_forward(*case.inputs(), case.hparameters)
    dZ = gradient_of(Z)
    whole = layers.conv_transpose_backward(dZ, cache)
    monkeypatch.setattr(_blocks, "BLOCK", 1)
    for got, expected in zip(layers.conv_transpose_backward(dZ, cache), whole, strict=True):
        assert_close(got, expected)


def test_output_pad_is_zero_where_it_is_left_out():
    A_prev, W, b = TRANSPOSE_CASES[4].inputs()
    Z, _ = layers.conv_transpose_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    given = {"stride": 2, "pad": 1, "output_pad": 0}
    assert_close(Z, layers.conv_transpose_forward(A_prev, W, b, given)[0])


@both_versions
@each([case for case in CONV_CASES if case.f == 1])
def test_a_1x1_convolution_is_a_dense_layer_at_every_pixel(version, case):
    A_prev, W, b = case.inputs()
    Z = version.one_by_one_forward(A_prev, W, b)
    assert_close(Z, layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})[0])
    pixels = A_prev.reshape(-1, case.n_C_prev)
    dense, _ = layers.dense_forward(pixels, W[0, 0], b[0, 0])
    assert_close(Z, dense.reshape(Z.shape))


@both_versions
@pytest.mark.parametrize("f", [1, 2, 3])
def test_a_dense_layer_as_a_convolution_sees_every_window(version, f):
    rng = np.random.default_rng(0)
    W, b = rng.standard_normal((f * f * 2, 5)), rng.standard_normal((1, 5))
    A_prev = rng.standard_normal((2, 4, 6, 2))
    filters = version.dense_as_convolution(W, b, f)
    Z, _ = layers.conv_forward(A_prev, *filters, {"stride": 1, "pad": 0})
    assert Z.shape == (2, 5 - f, 7 - f, 5)
    for h, w in np.ndindex(Z.shape[1:3]):
        window = A_prev[:, h : h + f, w : w + f].reshape(2, -1)
        assert_close(Z[:, h, w], layers.dense_forward(window, W, b)[0])


def test_dense_is_a_product_plus_the_bias():
    A_prev, W, b = dense_inputs()
    Z, _ = layers.dense_forward(A_prev, W, b)
    assert_close(Z, np.einsum("ip,pc->ic", A_prev, W) + b)


@each_norm_shape
def test_batch_norm_gives_each_channel_its_mean_and_deviation(shape, block):
    Z, gamma, beta = norm_inputs(shape)
    rest = tuple(range(Z.ndim - 1))
    mean, variance = np.mean(Z, axis=rest), np.var(Z, axis=rest)
    A, _ = layers.batch_norm_forward(Z, gamma, beta)
    assert_close(A, gamma * (Z - mean) / np.sqrt(variance + 1e-5) + beta)
    A, cache = layers.batch_norm_forward(Z, gamma, beta, epsilon=0.5)
    assert_close(A, gamma * (Z - mean) / np.sqrt(variance + 0.5) + beta)

    dA = gradient_of(A)
    dZ, dgamma, dbeta = layers.batch_norm_backward(dA, cache)
    deviation = np.sqrt(variance + 0.5)
    normal = (Z - mean) / deviation
    assert_close(dgamma, np.sum(dA * normal, axis=rest))
    assert_close(dbeta, np.sum(dA, axis=rest))
    along = np.mean(dA, axis=rest) + normal * np.mean(dA * normal, axis=rest)
    assert_close(dZ, gamma / deviation * (dA - along))


@pytest.mark.parametrize("shape", [(4,), (2, 4), (0, 4), (2, 3, 4)], ids=str)
def test_softmax_gives_each_row_probabilities_in_proportion_to_exp(shape):
    Z = np.random.default_rng(0).standard_normal(shape)
    expected = np.exp(Z) / np.sum(np.exp(Z), axis=-1, keepdims=True)
    assert_close(layers.softmax(Z), expected)


def test_softmax_cross_entropy_is_the_mean_logarithm_and_its_gradient():
    Z, labels = scores()
    A = layers.softmax(Z)
    loss, dZ = layers.softmax_cross_entropy(Z, labels)
    assert_close(loss, -np.mean([np.log(A[i, label]) for i, label in enumerate(labels)]))
    assert_close(dZ, (A - np.eye(4)[labels]) / 6)


def test_scores_beyond_the_range_of_exp_are_no_trouble():
    Z = np.array([[0.0, 1000.0], [-1000.0, 0.0], [5000.0, 5000.0]])
    assert_close(layers.softmax(Z), np.array([[0.0, 1.0], [0.0, 1.0], [0.5, 0.5]]))
    loss, dZ = layers.softmax_cross_entropy(Z, np.array([0, 1, 1]))
    assert_close(loss, np.float64((1000 + np.log(2)) / 3))
    assert_close(dZ, np.array([[-1.0, 1.0], [0.0, 0.0], [0.5, -0.5]]) / 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.bool_])
def test_scores_that_are_integers_count_as_float64(dtype):
    Z, labels = np.array([[1, 0, 1], [0, 0, 1]]), np.array([1, 2])
    for got, expected in zip(
        [layers.softmax(Z.astype(dtype)), *layers.softmax_cross_entropy(Z.astype(dtype), labels)],
        [layers.softmax(Z * 1.0), *layers.softmax_cross_entropy(Z * 1.0, labels)],
        strict=True,
    ):
        assert_close(got, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_labels_may_be_integers_of_any_size(dtype):
    Z, labels = np.eye(3, 256), np.array([200, 2, 255])
    for got, expected in zip(
        layers.softmax_cross_entropy(Z, labels.astype(dtype)),
        layers.softmax_cross_entropy(Z, labels),
        strict=True,
    ):
        assert_close(got, expected)


def test_a_batch_without_examples_is_let_through_where_no_mean_is_taken():
    A_prev, W, b = TRANSPOSE_CASES[3].inputs()
    Z, cache = layers.conv_transpose_forward(A_prev[:0], W, b, TRANSPOSE_CASES[3].hparameters)
    gradients = [Z, *layers.conv_transpose_backward(Z, cache)]
    assert [array.shape for array in gradients] == [(0, 4, 6, 2), (0, 4, 6, 3), W.shape, b.shape]
    A_prev, W, b = dense_inputs()
    Z, cache = layers.dense_forward(A_prev[:0], W, b)
    gradients = [Z, *layers.dense_backward(Z, cache)]
    assert [array.shape for array in gradients] == [(0, 5), (0, 3), W.shape, b.shape]


@both_modes
@both_versions
def test_pooling_no_images_gives_no_images(version, mode):
    A, cache = version.pool_forward(np.ones((0, 4, 6, 3)), {"f": 2, "stride": 2}, mode)
    assert A.shape == (0, 2, 3, 3)
    assert version.pool_backward(A, cache, mode).shape == (0, 4, 6, 3)


def test_relu_keeps_what_is_positive_and_so_does_its_gradient():
    A, cache = layers.relu(np.array([[-2.0, 0.0, 3.0]]))
    assert_close(A, np.array([[0.0, 0.0, 3.0]]))
    assert_close(layers.relu_backward(np.array([[5.0, 6.0, 7.0]]), cache), np.array([[0, 0, 7.0]]))


# Types, and arguments that come back as they were

CALLS = {  # for each function: its arguments, as arrays of the values and dtype that `ones` makes
    "zero_pad": lambda ones: (ones(2, 3, 4, 1), 1),
    "conv_single_step": lambda ones: (ones(2, 2, 3), ones(2, 2, 3), ones(1, 1, 1)),
    "conv_forward": lambda ones: (*conv_inputs(ones), {"stride": 1, "pad": 0}),
    "conv_backward": lambda ones: (
        ones(2, 2, 4, 2),
        (*conv_inputs(ones), {"stride": 1, "pad": 0}),
    ),
    "pool_forward": lambda ones: (ones(2, 3, 4, 1), {"f": 2, "stride": 1}, "average"),
    "pool_backward": lambda ones: (
        ones(2, 2, 3, 1),
        (ones(2, 3, 4, 1), {"f": 2, "stride": 1}),
        "average",
    ),
    "create_mask_from_window": lambda ones: (ones(2, 3),),
    "distribute_value": lambda ones: (ones(), (2, 3)),
    "relu": lambda ones: (ones(2, 3),),
    "relu_backward": lambda ones: (ones(2, 3), (ones(2, 3),)),
    "conv_transpose_forward": lambda ones: transpose_inputs(ones),
    "conv_transpose_backward": lambda ones: (ones(2, 6, 10, 2), transpose_inputs(ones)),
    "one_by_one_forward": lambda ones: (ones(2, 3, 5, 2), ones(1, 1, 2, 3), ones(1, 1, 1, 3)),
    "dense_as_convolution": lambda ones: (ones(18, 3), ones(1, 3), 3),
    "dense_forward": lambda ones: (ones(2, 3), ones(3, 4), ones(1, 4)),
    "dense_backward": lambda ones: (ones(2, 4), (ones(2, 3), ones(3, 4), ones(1, 4))),
    "batch_norm_forward": lambda ones: (ones(2, 3, 4), ones(4), ones(4)),
    "batch_norm_backward": lambda ones: (
        ones(2, 3, 4),
        (ones(2, 3, 4), ones(4), ones(4), ones(4), 1e-5),
    ),
    "softmax": lambda ones: (ones(2, 3),),
    "softmax_cross_entropy": lambda ones: (ones(2, 3), np.array([0, 2])),
}


def conv_inputs(ones):
    return ones(2, 3, 5, 1), ones(2, 2, 1, 2), ones(1, 1, 1, 2)


def transpose_inputs(ones):
    hparameters = {"stride": 2, "pad": 0, "output_pad": 0}
    return ones(2, 3, 5, 1), ones(2, 2, 2, 1), ones(1, 1, 1, 2), hparameters


def maker(dtype, value=1):
    return lambda *shape: np.full(shape, value, dtype=dtype)


def results(version, name, arguments):
    """What the function returns, as a list without the cache."""
    function = getattr(version, name)
    result = function(**arguments) if isinstance(arguments, dict) else function(*arguments)
    parts = result if isinstance(result, tuple) else (result,)
    return [part for part in parts if not isinstance(part, tuple)]


def named(version, name, arguments):
    """The arguments by name, for a call with keywords."""
    names = inspect.signature(getattr(version, name)).parameters
    return dict(zip(names, arguments, strict=False))  # a call may leave defaults out


each_function = pytest.mark.parametrize(
    ("version", "name"),
    [
        pytest.param(version, name, id=f"{version.__name__.split('.')[1]}.{name}")
        for version in (loops, layers)
        for name in version.__all__
    ],
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.float16, np.float16),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.int64, np.float64),
    ],
)
@each_function
def test_results_have_the_dtype_of_the_input_with_integers_as_float64(
    version, name, given, expected
):
    if name == "create_mask_from_window":
        expected = np.bool_
    elif name == "zero_pad":
        expected = given
    for result in results(version, name, CALLS[name](maker(given))):
        assert result.dtype == expected


def random(dtype, lay=np.asarray):
    """A maker of arrays as `lay` lays them: positive, because variances are among them."""
    rng = np.random.default_rng(0)
    return lambda *shape: lay(rng.uniform(0.5, 2, shape).astype(dtype))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float16, 2e-2)])
@each_function
def test_shorter_floats_give_what_float64_gives(version, name, dtype, tolerance):
    arguments = CALLS[name](random(dtype))
    widened = CALLS[name](random(dtype, lambda array: array.astype(np.float64)))
    for got, expected in zip(
        results(version, name, arguments), results(version, name, widened), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@each_function
def test_small_integers_do_not_overflow(version, name):
    small, large = (CALLS[name](maker(dtype, 200)) for dtype in (np.uint8, np.float64))
    for got, by_name, expected in zip(
        results(version, name, small),
        results(version, name, named(version, name, small)),
        results(version, name, large),
        strict=True,
    ):
        np.testing.assert_array_equal(got, expected)
        np.testing.assert_array_equal(by_name, expected)


@each_function
def test_one_float64_array_is_enough_to_compute_in_float64(version, name):
    shapes = []
    CALLS[name](lambda *shape: shapes.append(shape) or np.ones(shape))

    def computed(dtypes):
        dtypes = iter(dtypes)
        as_told = random("f4", lambda array: array.astype(next(dtypes)))
        return results(version, name, CALLS[name](as_told))

    wide = computed(["f8"] * len(shapes))
    for place in range(len(shapes)):
        dtypes = ["f4"] * len(shapes)
        dtypes[place] = "f8"
        for got, expected in zip(computed(dtypes), wide, strict=True):
            assert_close(got, expected)


@pytest.mark.parametrize("dtypes", [("f4", "f8"), ("f8", "f4")], ids=["dA", "A_prev"])
@both_modes
@both_versions
def test_one_float32_array_among_float64_costs_pool_backward_no_accuracy(version, mode, dtypes):
    case = POOL_CASES[3]
    dA = gradient_of(np.zeros((2, 2, 3, 2))).astype(dtypes[0])
    A_prev = case.inputs(dtypes[1])
    assert_close(
        version.pool_backward(dA, (A_prev, case.hparameters), mode),
        version.pool_backward(dA.astype("f8"), (A_prev.astype("f8"), case.hparameters), mode),
    )


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
@each_function
def test_arguments_come_back_unmodified(version, name, dtype):
    arguments = CALLS[name](maker(dtype, 3))
    before = copy.deepcopy(arguments)
    results(version, name, arguments)
    for got, expected in zip(flat(arguments), flat(before), strict=True):
        np.testing.assert_array_equal(got, expected)


@each_function
def test_results_share_no_memory_with_the_arguments(version, name):
    arguments = CALLS[name](maker(np.float64))
    for result in results(version, name, arguments):
        for argument in flat(arguments):
            assert not np.shares_memory(result, np.asarray(argument))


def flat(arguments):
    for argument in arguments:
        yield from flat(argument) if isinstance(argument, tuple) else [argument]


LAYOUTS = {  # an array of the same shape that lies in memory in another way
    "columns first": lambda X: X.T.copy().T,
    "backwards": lambda X: X[(..., *[slice(None, None, -1)] * X.ndim)],
    "every other entry": lambda X: np.repeat(X[..., np.newaxis], 2, axis=-1)[..., 0],
    "one entry repeated": lambda X: np.broadcast_to(X.flat[0], X.shape),
}


@pytest.mark.parametrize("lay", LAYOUTS.values(), ids=LAYOUTS)
@each_function
def test_arrays_may_lie_in_memory_in_any_way(version, name, lay):
    laid = CALLS[name](random(np.float64, lay))
    plain = CALLS[name](random(np.float64, lambda array: lay(array).copy()))
    for got, expected in zip(
        results(version, name, laid), results(version, name, plain), strict=True
    ):
        assert_close(got, expected)


@pytest.mark.parametrize("lay", LAYOUTS.values(), ids=LAYOUTS)
def test_images_may_lie_in_memory_in_any_way_for_maxima(lay):
    case = POOL_CASES[3]
    A_prev, dA = lay(case.inputs()), lay(gradient_of(np.zeros((2, 2, 3, 2))))
    A, cache = layers.pool_forward(A_prev, case.hparameters)
    A_plain, cache_plain = layers.pool_forward(A_prev.copy(), case.hparameters)
    assert_close(A, A_plain)
    assert_close(layers.pool_backward(dA, cache), layers.pool_backward(dA.copy(), cache_plain))


CACHES = {  # how long the cache is, and with how many of the arguments it begins
    "conv_forward": (4, 4),
    "conv_transpose_forward": (4, 4),
    "pool_forward": (2, 2),
    "dense_forward": (3, 3),
    "batch_norm_forward": (5, 2),
    "relu": (1, 1),
}


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("name", CACHES)
def test_the_cache_holds_the_very_objects_passed_in(name, dtype):
    for version in (loops, layers):
        if name not in version.__all__:
            continue
        function = getattr(version, name)
        arguments = CALLS[name](maker(dtype))
        for _, cache in function(*arguments), function(**named(version, name, arguments)):
            length, kept = CACHES[name]
            assert len(cache) == length
            assert all(cache[i] is arguments[i] for i in range(kept))


# Memory


def test_a_convolution_needs_little_memory_beside_what_goes_in_and_comes_out():
    hparameters = {"stride": 1, "pad": 3}
    rng = np.random.default_rng(0)
    A_prev = rng.random((256, 28, 28, 4), np.float32)  # all windows at once: 49 times as much
    W, b = rng.random((7, 7, 4, 4), np.float32), np.zeros((1, 1, 1, 4), np.float32)

    def peak(function, *arguments):
        tracemalloc.start()
        try:
            result = function(*arguments)
            return result, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    (Z, cache), forward = peak(layers.conv_forward, A_prev, W, b, hparameters)
    _, backward = peak(layers.conv_backward, Z, cache)
    assert forward < 3 * (A_prev.nbytes + Z.nbytes)
    assert backward < 3 * (A_prev.nbytes + Z.nbytes + A_prev.nbytes)


@both_versions
def test_keywords_and_defaults_are_accepted(version):
    A_prev = POOL_CASES[2].inputs()
    by_default, _ = version.pool_forward(A_prev, hparameters={"f": 2, "stride": 2})
    by_name, _ = version.pool_forward(mode="max", hparameters={"f": 2, "stride": 2}, A_prev=A_prev)
    assert_close(by_default, by_name)


# The examples in the docstrings

EXAMPLES = {
    **{name: getattr(layers, name) for name in layers.__all__},
    **{name: getattr(gradient_check, name) for name in gradient_check.__all__},
    "output_size": convnet.output_size,
    "convnet": convnet,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_the_docstring_is_true(name):
    text = inspect.getdoc(EXAMPLES[name])
    names = {"np": np, **{name: getattr(convnet, name) for name in convnet.__all__}}
    example = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    assert example.examples, f"{name} has no example"
    report = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)
