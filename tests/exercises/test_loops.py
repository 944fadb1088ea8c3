"""The loop implementations, the vectorized solutions and the library agree."""

import inspect
from functools import partial

import numpy as np
import pytest

from convnet.functional import conv2d, linear
from convnet.gradient_check import check_gradients
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


# Gradients, with finite differences and the adjoint


def weighted(version, case):
    """Return (forward, backward) for check_gradients."""

    def forward(A_prev, W, b):
        return version.conv_forward(A_prev, W, b, case.hparameters)[0]

    def backward(dZ, A_prev, W, b):
        return version.conv_backward(dZ, (A_prev, W, b, case.hparameters))

    return forward, backward


@both_versions
@each(CONV_CASES)
def test_conv_backward_is_the_gradient_of_conv_forward(version, case):
    inputs = dict(zip(("A_prev", "W", "b"), published(case), strict=True))
    check_gradients(*weighted(version, case), inputs)


@both_modes
@both_versions
@each(POOL_CASES)
def test_pool_backward_is_the_gradient_of_pool_forward(version, case, mode):
    def backward(dA, A_prev):
        return version.pool_backward(dA, (A_prev, case.hparameters), mode)

    forward = partial(version.pool_forward, hparameters=case.hparameters, mode=mode)
    check_gradients(lambda A_prev: forward(A_prev)[0], backward, {"A_prev": case.inputs()})


@both_versions
@each(CONV_CASES)
def test_conv_backward_is_the_adjoint_of_conv_forward(version, case):
    A_prev, W, b = published(case)
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


@both_versions
@each([case for case in CONV_CASES if case.f == 1])
def test_a_1x1_convolution_is_a_dense_layer_at_every_pixel(version, case):
    A_prev, W, b = published(case)
    Z = version.one_by_one_forward(A_prev, W, b)
    assert_close(Z, conv2d(A_prev, W, b.reshape(-1)))
    pixels = A_prev.reshape(-1, case.n_C_prev)
    assert_close(Z, linear(pixels, W[0, 0], b.reshape(-1)).reshape(Z.shape))


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
