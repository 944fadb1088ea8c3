"""`from numpy import *`, which hides sum, abs, round, all and min."""


def oddity(submission):
    submission.answer(
        "standardize",
        """
        from numpy import *
        from math import *

        def standardize(x):
            return (x - mean(x, axis=0)) / std(x, axis=0)
    """,
    )
    # NumPy's `all` does not do what the usual solution means.
    submission.answer(
        "primes",
        """
        def primes(n):
            return [k for k in range(2, n) if not any([k % d == 0 for d in range(2, k)])]
    """,
    )
