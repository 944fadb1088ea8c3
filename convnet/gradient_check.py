"""Check gradients: compare them with finite differences, which need no formula."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from convnet.types import Array

__all__ = ["check_gradients", "numeric_gradient"]


def numeric_gradient(f: Callable[[Array], Any], x: Array, eps: float = 1e-6) -> Array:
    """Compute central differences, (f(x + eps) - f(x - eps)) / (2 * eps) for each entry of x.

    Parameters
    ----------
    f : callable
        Function of an array like x that returns one number.
    x : ndarray
        Point at which to compute the gradient, in float64; it is not modified.
    eps : float
        Step size.

    Returns
    -------
    gradient : ndarray of float64, of the shape of x
        Numeric gradient.

    Examples
    --------
    >>> numeric_gradient(np.sum, np.ones((2, 3))).shape
    (2, 3)
    """
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)  # float64, and so x + step is
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


def check_gradients(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Mapping[str, Array],
    eps: float = 1e-6,
    tolerance: float = 1e-6,
) -> float:
    """Compare the gradients that `backward` returns with the numeric gradients of `forward`.

    The loss is sum(forward(...) * d_output) for a fixed random d_output, so that d_output is the
    gradient of the loss with respect to the output.

    Parameters
    ----------
    forward : callable
        Function of the arrays in `inputs`, passed by name, that returns one array or number.
    backward : callable
        Function of d_output and the same arrays, passed by name, that returns one gradient for each
        array, in their order.
    inputs : dict of str to ndarray
        Arrays of float64; in float32 the differences would be mostly rounding errors.
    eps : float
        Step size.
    tolerance : float
        Largest allowed difference, relative to expected values above 1 and absolute below.

    Returns
    -------
    worst : float
        Largest difference in all gradients, measured as for `tolerance`.

    Raises
    ------
    AssertionError
        If a gradient has the wrong shape or differs; the message gives its name, the worst index,
        the actual and the expected value.

    Examples
    --------
    >>> check_gradients(lambda x: x**2, lambda dy, x: 2 * x * dy, {"x": np.ones((2, 3))}) < 1e-6
    True
    """
    d_output = np.random.default_rng(0).standard_normal(np.shape(forward(**inputs)))
    gradients = backward(d_output, **inputs)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)

    worst = 0.0
    for (name, x), actual in zip(inputs.items(), gradients, strict=True):

        def loss(moved: Array, name: str = name) -> Any:
            return np.sum(forward(**{**inputs, name: moved}) * d_output)

        if actual.shape != x.shape:
            raise AssertionError(
                f"d{name} has shape {actual.shape}, expected {x.shape}, the shape of {name}"
            )
        expected = numeric_gradient(loss, x, eps)
        difference = np.abs(actual - expected) / np.maximum(np.abs(expected), 1)
        index = tuple(int(i) for i in np.unravel_index(np.argmax(difference), x.shape))
        if not difference[index] <= tolerance:  # nan must fail, too
            error = "relative error" if np.abs(expected[index]) > 1 else "error"
            raise AssertionError(
                f"d{name}{list(index)} is {actual[index]:.10g}, expected {expected[index]:.10g} by "
                f"finite differences ({error} {difference[index]:.2g}, allowed {tolerance:.2g}); "
                f"{np.sum(~(difference <= tolerance))} of {x.size} entries of d{name} differ"
            )
        worst = max(worst, float(difference[index]))
    return worst
