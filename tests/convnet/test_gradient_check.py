"""The gradient check accepts correct gradients, and names the position of a wrong one."""

import numpy as np
import pytest

from convnet.gradient_check import check_gradients, numeric_gradient

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])


def cube(x, scale):
    return scale * x**3


def cube_backward(d, x, scale):
    return 3 * scale * x**2 * d, np.sum(x**3 * d)[np.newaxis]


INPUTS = {"x": X, "scale": np.array([2.0])}


def test_the_numeric_gradient_is_the_derivative():
    gradient = numeric_gradient(lambda x: np.sum(x**3), X)
    np.testing.assert_allclose(gradient, 3 * X**2, rtol=1e-8)


def test_the_numeric_gradient_leaves_its_argument_alone_and_is_taken_in_float64():
    x = X.astype(np.float32)
    gradient = numeric_gradient(lambda x: np.sum(x**2), x)
    np.testing.assert_array_equal(x, X.astype(np.float32))
    np.testing.assert_allclose(gradient, 2 * X, rtol=1e-8)


def test_a_right_gradient_passes_and_its_error_is_returned():
    assert 0 < check_gradients(cube, cube_backward, INPUTS) < 1e-6


def test_one_wrong_entry_is_located_with_its_actual_and_expected_value():
    def backward(d, x, scale):
        dx, dscale = cube_backward(d, x, scale)
        dx[1, 2] = 7
        return dx, dscale

    d = np.random.default_rng(0).standard_normal(X.shape)  # the same as in check_gradients
    expected = f"{(6 * X**2 * d)[1, 2]:.5g}"
    with pytest.raises(AssertionError, match=rf"dx\[1, 2\] is 7, expected {expected}.*1 of 6"):
        check_gradients(cube, backward, INPUTS)


def test_the_gradient_that_is_wrong_is_named():
    def backward(d, x, scale):
        dx, dscale = cube_backward(d, x, scale)
        return dx, 2 * dscale

    with pytest.raises(AssertionError, match=r"dscale\[0\] is .* 1 of 1 entries of dscale"):
        check_gradients(cube, backward, INPUTS)


def test_nan_is_wrong():
    with pytest.raises(AssertionError, match=r"dx\[0, 0\] is nan"):
        check_gradients(lambda x: x, lambda d, x: np.where(x == 1, np.nan, d), {"x": X})


def test_a_gradient_of_another_shape_is_wrong():
    with pytest.raises(AssertionError, match=r"dx has shape \(3, 2\), .* \(2, 3\)"):
        check_gradients(lambda x: x, lambda d, x: d.T, {"x": X})


def test_a_gradient_that_is_missing_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        check_gradients(cube, lambda d, **inputs: cube_backward(d, **inputs)[0], INPUTS)
