import numpy as np

from nbexercise import define

ex = define("t_statistic", unchanged=1)


@ex.solution
def t_statistic(x, y):
    """Return Welch's t statistic of two samples: means apart, in standard errors."""
    ### BEGIN SOLUTION
    difference = np.mean(x) - np.mean(y)
    error = np.sqrt(np.var(x, ddof=1) / len(x) + np.var(y, ddof=1) / len(y))
    t = difference / error
    ### END SOLUTION
    return t


@ex.cases("equal sizes", points=2)
def equal(rng):
    yield rng.integers(1, 9, 5) / 2, rng.integers(1, 7, 5) / 2
    yield rng.normal(1, 2, 6), rng.normal(2, 1, 6)  # their means differ for certain


@ex.cases("different sizes", points=2)
def different(rng):
    yield rng.normal(0, 1, 6).round(1), rng.normal(1, 3, 11).round(1)
    yield rng.normal(2, 1, 9).round(1), rng.normal(2, 1, 5).round(1)


ex.mistake(
    "np.var(x, ddof=1) / len(x) + np.var(y, ddof=1) / len(y)",
    "np.var(x) / len(x) + np.var(y) / len(y)",
    "The variances divide by n, those of a sample by n - 1.",
    hint="Read about ddof in the documentation of np.var.",
)
ex.mistake("np.mean(x) - np.mean(y)", "np.mean(y) - np.mean(x)", "The samples were exchanged.")
ex.hint("What is the standard error of one mean?", "Variances of independent means add.")
