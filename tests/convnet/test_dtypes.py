"""Every function computes in its arrays' dtype, and leaves its arguments unchanged."""

import copy

import numpy as np
import pytest

from convnet import functional
from tests.convnet.cases import POOL_CASES, gradient_of

CALLS = {  # arguments of each function, as arrays of the values and dtype that `ones` makes
    "conv2d": lambda ones: (ones(2, 3, 5, 1), ones(2, 2, 1, 2), ones(2)),
    "conv2d_backward": lambda ones: (ones(2, 2, 4, 2), ones(2, 3, 5, 1), ones(2, 2, 1, 2)),
    "conv_transpose2d": lambda ones: (ones(2, 3, 5, 1), ones(2, 2, 2, 1), ones(2), 2),
    "conv_transpose2d_backward": lambda ones: (
        ones(2, 6, 10, 2),
        ones(2, 3, 5, 1),
        ones(2, 2, 2, 1),
        2,
    ),
    "depthwise_conv2d": lambda ones: (ones(2, 3, 5, 2), ones(2, 2, 2), ones(2)),
    "depthwise_conv2d_backward": lambda ones: (
        ones(2, 2, 4, 2),
        ones(2, 3, 5, 2),
        ones(2, 2, 2),
    ),
    "max_pool2d": lambda ones: (ones(2, 3, 4, 1), 2, 1),
    "max_pool2d_backward": lambda ones: (ones(2, 2, 3, 1), ones(2, 3, 4, 1), 2, 1),
    "avg_pool2d": lambda ones: (ones(2, 3, 4, 1), 2, 1),
    "avg_pool2d_backward": lambda ones: (ones(2, 2, 3, 1), ones(2, 3, 4, 1), 2, 1),
    "relu": lambda ones: (ones(2, 3),),
    "relu_backward": lambda ones: (ones(2, 3), ones(2, 3)),
    "linear": lambda ones: (ones(2, 3), ones(3, 4), ones(4)),
    "linear_backward": lambda ones: (ones(2, 4), ones(2, 3), ones(3, 4)),
    "batch_norm": lambda ones: (ones(2, 3, 4), ones(4), ones(4)),
    "batch_norm_backward": lambda ones: (
        ones(2, 3, 4),
        ones(2, 3, 4),
        ones(4),
        ones(4),
        ones(4),
    ),
    "softmax": lambda ones: (ones(2, 3),),
    "cross_entropy": lambda ones: (ones(2, 3), np.array([0, 2])),
    "cross_entropy_backward": lambda ones: (ones(2, 3), np.array([0, 2])),
}


def test_every_function_has_a_call():
    assert set(CALLS) == set(functional.__all__)


def maker(dtype, value=1):
    return lambda *shape: np.full(shape, value, dtype=dtype)


def results(name, arguments):
    """Return the function's results as a tuple."""
    result = getattr(functional, name)(*arguments)
    return result if isinstance(result, tuple) else (result,)


each_function = pytest.mark.parametrize("name", CALLS)


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
def test_results_have_the_dtype_of_the_input_with_integers_as_float64(name, given, expected):
    for result in results(name, CALLS[name](maker(given))):
        assert result.dtype == expected


def random(dtype, lay=np.asarray):
    """Return a function that makes positive arrays (for variances) in the memory layout `lay`."""
    rng = np.random.default_rng(0)
    return lambda *shape: lay(rng.uniform(0.5, 2, shape).astype(dtype))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float16, 2e-2)])
@each_function
def test_shorter_floats_give_what_float64_gives(name, dtype, tolerance):
    arguments = CALLS[name](random(dtype))
    widened = CALLS[name](random(dtype, lambda array: array.astype(np.float64)))
    for actual, expected in zip(results(name, arguments), results(name, widened), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@each_function
def test_small_integers_do_not_overflow(name):
    small, large = (CALLS[name](maker(dtype, 200)) for dtype in (np.uint8, np.float64))
    for actual, expected in zip(results(name, small), results(name, large), strict=True):
        np.testing.assert_array_equal(actual, expected)


@each_function
def test_one_float64_array_is_enough_to_compute_in_float64(name):
    shapes = []
    CALLS[name](lambda *shape: shapes.append(shape) or np.ones(shape))

    def computed(dtypes):
        dtypes = iter(dtypes)
        as_told = random("f4", lambda array: array.astype(next(dtypes)))
        return results(name, CALLS[name](as_told))

    wide = computed(["f8"] * len(shapes))
    for place in range(len(shapes)):
        dtypes = ["f4"] * len(shapes)
        dtypes[place] = "f8"
        for actual, expected in zip(computed(dtypes), wide, strict=True):
            np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12, strict=True)


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
@each_function
def test_arguments_come_back_unmodified(name, dtype):
    arguments = CALLS[name](maker(dtype, 3))
    before = copy.deepcopy(arguments)
    results(name, arguments)
    for actual, expected in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(actual, expected)


@each_function
def test_results_share_no_memory_with_the_arguments(name):
    arguments = CALLS[name](maker(np.float64))
    for result in results(name, arguments):
        for argument in arguments:
            assert not np.shares_memory(result, np.asarray(argument))


LAYOUTS = {  # arrays of the same shape in other memory layouts
    "columns first": lambda x: x.T.copy().T,
    "backwards": lambda x: x[(..., *[slice(None, None, -1)] * x.ndim)],
    "every other entry": lambda x: np.repeat(x[..., np.newaxis], 2, axis=-1)[..., 0],
    "one entry repeated": lambda x: np.broadcast_to(x.flat[0], x.shape),
}


@pytest.mark.parametrize("lay", LAYOUTS.values(), ids=LAYOUTS)
@each_function
def test_arrays_may_lie_in_memory_in_any_way(name, lay):
    laid = results(name, CALLS[name](random(np.float64, lay)))
    plain = results(name, CALLS[name](random(np.float64, lambda array: lay(array).copy())))
    for actual, expected in zip(laid, plain, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12, strict=True)


@pytest.mark.parametrize("lay", LAYOUTS.values(), ids=LAYOUTS)
def test_images_may_lie_in_memory_in_any_way_for_maxima(lay):
    case = POOL_CASES[3]
    x, dy = lay(case.inputs()), lay(gradient_of(np.zeros((2, 2, 3, 2))))
    np.testing.assert_array_equal(
        functional.max_pool2d_backward(dy, x, **case.settings),
        functional.max_pool2d_backward(dy.copy(), x.copy(), **case.settings),
    )
