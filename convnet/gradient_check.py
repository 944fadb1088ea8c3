"""Check a gradient without knowing the formula: move each number a little, and see what happens."""

import numpy as np

__all__ = ["check_gradients", "numeric_gradient"]


def numeric_gradient(f, x, eps=1e-6):
    """
    Central differences, (f(x + eps) - f(x - eps)) / (2 * eps) for each entry of x.

    Arguments:
    f -- function that takes an array like x and returns one number
    x -- array; it is not modified, and the differences are taken in float64
    eps -- the size of the step

    Returns:
    gradient -- float64 array of the shape of x

    >>> numeric_gradient(np.sum, np.ones((2, 3))).shape
    (2, 3)
    """
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)  # float64, and so x + step is
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


def check_gradients(forward, backward, inputs, eps=1e-6, tolerance=1e-6):
    """
    Compare every gradient that `backward` returns with the numeric gradient of `forward`.

    The cost is sum(forward(...) * d_output) for a fixed random d_output, so that d_output is the
    gradient with respect to forward's output.

    Arguments:
    forward -- function of the arrays in `inputs`, by name; returns (output, cache)
    backward -- function of (d_output, cache); returns one gradient for each input, in that order
    inputs -- dictionary of arrays, float64 (in float32 the differences are mostly rounding)
    eps -- the size of the step
    tolerance -- largest difference allowed, relative to the expected value where that is above 1

    Returns:
    worst -- the largest such difference of all gradients

    Raises:
    AssertionError -- a gradient has the wrong shape or differs; the message gives its name, the
        worst index, what came and what was expected

    >>> check_gradients(lambda x: (x**2, x), lambda d, x: 2 * x * d, {"x": np.ones((2, 3))}) < 1e-6
    True
    """
    (output, cache) = forward(**inputs)
    d_output = np.random.default_rng(0).standard_normal(output.shape)
    gradients = backward(d_output, cache)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)

    worst = 0.0
    for (name, x), got in zip(inputs.items(), gradients, strict=True):

        def cost(moved, name=name):
            return np.sum(forward(**{**inputs, name: moved})[0] * d_output)

        if got.shape != x.shape:
            raise AssertionError(
                f"d{name} has shape {got.shape}, expected that of {name}, {x.shape}"
            )
        expected = numeric_gradient(cost, x, eps)
        difference = np.abs(got - expected) / np.maximum(np.abs(expected), 1)
        index = tuple(int(i) for i in np.unravel_index(np.argmax(difference), x.shape))
        if not difference[index] <= tolerance:  # so written that nan fails too
            raise AssertionError(
                f"d{name}{list(index)} is {got[index]:.10g}, expected {expected[index]:.10g} by "
                f"finite differences (off by {difference[index]:.2g}, allowed {tolerance:.2g}); "
                f"{np.sum(~(difference <= tolerance))} of {x.size} entries of d{name} differ"
            )
        worst = max(worst, float(difference[index]))
    return worst
