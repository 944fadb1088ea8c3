"""The loop implementations, the vectorized solutions and the library agree."""

import inspect

import numpy as np
import pytest

from convnet.functional import conv2d, linear
from exercises import lenet, loops, vectorized
from tests.convnet.cases import (
    CONV_CASES,
    POOL_CASES,
    TIED_CASES,
    TRANSPOSE_CASES,
    both_modes,
    each,
    gradient_of,
)
from tests.exercises import ported

both_versions = pytest.mark.parametrize("version", [loops, vectorized], ids=["loops", "vectorized"])
OTHERS = {"vectorized": vectorized, "library": ported}
both_others = pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
# LeNet gives students its convolution and pooling.
all_others = pytest.mark.parametrize(
    "other", [*OTHERS.values(), lenet], ids=[*OTHERS, "given in LeNet"]
)


def assert_close(actual, expected, tolerance=1e-12):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance, strict=True)


def published(case):
    """Return A_prev, W and b of a case, with biases in the published shape."""
    x, W, b = case.inputs()
    return x, W, b.reshape(1, 1, 1, -1)


@pytest.mark.parametrize("name", loops.__all__)
def test_the_source_of_a_loop_implementation_is_its_text(name):
    source = inspect.getsource(getattr(loops, name))
    assert f"def {name}(" in source
    assert source.count("### BEGIN SOLUTION") == source.count("### END SOLUTION") == 1


def test_all_lists_the_functions_of_the_module():
    defined = {name for name, value in vars(loops).items() if inspect.isfunction(value)}
    assert set(loops.__all__) == defined
    assert list(loops.__all__) == sorted(loops.__all__)


def test_a_vectorized_solution_has_the_signature_of_the_loops():
    for name in loops.__all__:
        slow, fast = getattr(loops, name), getattr(vectorized, name)
        assert inspect.signature(slow) == inspect.signature(fast)


@all_others
@each(CONV_CASES)
def test_convolution_agrees_with_the_loops(case, other):
    arguments = (*published(case), case.hparameters)
    (Z, cache), (expected, _) = (v.conv_forward(*arguments) for v in (other, loops))
    assert_close(Z, expected)
    dZ = gradient_of(Z)
    gradients = zip(other.conv_backward(dZ, cache), loops.conv_backward(dZ, cache), strict=True)
    for actual, expected in gradients:
        assert_close(actual, expected)


@all_others
@both_modes
@each(POOL_CASES + TIED_CASES)
def test_pooling_agrees_with_the_loops(case, mode, other):
    arguments = (case.inputs(), case.hparameters, mode)
    (A, cache), (expected, _) = (v.pool_forward(*arguments) for v in (other, loops))
    assert_close(A, expected)
    dA = gradient_of(A)
    assert_close(other.pool_backward(dA, cache, mode), loops.pool_backward(dA, cache, mode))


@both_others
@each(TRANSPOSE_CASES)
def test_transposed_convolution_agrees_with_the_loops(case, other):
    arguments = (*published(case), case.hparameters)
    (Z, _), (expected, _) = (v.conv_transpose_forward(*arguments) for v in (other, loops))
    assert_close(Z, expected)


@both_others
@pytest.mark.parametrize("pad", [0, 1, 2])
def test_padding_agrees_with_the_loops(pad, other):
    X = CONV_CASES[0].inputs()[0]
    assert_close(other.zero_pad(X, pad), loops.zero_pad(X, pad))


# Against the definitions


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (4, 1)])
@both_versions
def test_a_value_is_distributed_evenly_over_any_shape(version, shape):
    assert_close(version.distribute_value(-3.0, shape), np.full(shape, -3.0 / np.prod(shape)))


@both_versions
def test_every_tied_maximum_is_marked(version):
    mask = version.create_mask_from_window(np.array([[3.0, 1.0, 3.0], [0.0, 3.0, 2.0]]))
    assert_close(mask, np.array([[True, False, True], [False, True, False]]))


@both_versions
@each([case for case in CONV_CASES if case.f == 1])
def test_a_1x1_convolution_agrees_with_the_library(version, case):
    A_prev, W, b = published(case)
    Z = version.one_by_one_forward(A_prev, W, b)
    assert_close(Z, conv2d(A_prev, W, b.reshape(-1)))


@both_versions
@pytest.mark.parametrize("f", [1, 2, 3])
def test_a_dense_layer_as_a_convolution_sees_every_window(version, f):
    rng = np.random.default_rng(0)
    W, b = rng.standard_normal((f * f * 2, 5)), rng.standard_normal((1, 5))
    A_prev = rng.standard_normal((2, 4, 6, 2))
    filters, biases = version.dense_as_convolution(W, b, f)
    assert biases.shape == (1, 1, 1, 5)
    Z = conv2d(A_prev, filters, biases.reshape(-1))
    assert Z.shape == (2, 5 - f, 7 - f, 5)
    for h, w in np.ndindex(Z.shape[1:3]):
        window = A_prev[:, h : h + f, w : w + f].reshape(2, -1)
        assert_close(Z[:, h, w], linear(window, W, b.reshape(-1)))
