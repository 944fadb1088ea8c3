"""The fast layers do what the taught loops do, and both leave their arguments alone."""

import copy
import doctest
import inspect

import numpy as np
import pytest

import convnet
from convnet import gradient_check, layers, loops
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    TIED_CASES,
    both_modes,
    both_versions,
    each,
    gradient_of,
)


def assert_close(got, expected, tolerance=1e-12):
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, strict=True)


# Loops and layers agree


@each(CONV_CASES)
def test_convolution_agrees_with_the_loops(case):
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
def test_pooling_agrees_with_the_loops(case, mode):
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


# relu is in the layers only


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
}


def conv_inputs(ones):
    return ones(2, 3, 5, 1), ones(2, 2, 1, 2), ones(1, 1, 1, 2)


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
    [(np.float32, np.float32), (np.float64, np.float64), (np.int64, np.float64)],
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


@pytest.mark.parametrize("narrow", range(4), ids=["dZ", "A_prev", "W", "b"])
@both_versions
def test_one_float32_array_among_float64_costs_conv_backward_no_accuracy(version, narrow):
    case = CONV_CASES[4]
    arrays = [gradient_of(np.zeros((2, 3, 4, 3))), *case.inputs()]
    arrays[narrow] = arrays[narrow].astype(np.float32)
    (dZ, *mixed), (dZ_wide, *wide) = arrays, [array.astype(np.float64) for array in arrays]
    for got, expected in zip(
        version.conv_backward(dZ, (*mixed, case.hparameters)),
        version.conv_backward(dZ_wide, (*wide, case.hparameters)),
        strict=True,
    ):
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


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("name", ["conv_forward", "pool_forward", "relu"])
def test_the_cache_holds_the_very_objects_passed_in(name, dtype):
    for version in (loops, layers):
        if name not in version.__all__:
            continue
        function = getattr(version, name)
        arguments = CALLS[name](maker(dtype))
        for _, cache in function(*arguments), function(**named(version, name, arguments)):
            assert len(cache) == {"conv_forward": 4, "pool_forward": 2, "relu": 1}[name]
            assert all(got is given for got, given in zip(cache, arguments, strict=False))


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
