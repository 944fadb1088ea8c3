"""Functions return NumPy scalars, 0-d arrays and Boolean arrays instead of Python numbers."""


def oddity(submission):
    submission.answer("square", "def square(x):\n    return np.multiply(x, x)")
    submission.answer(
        "root",
        """
        def root(x):
            if x < 0:
                raise ValueError("x is below zero")
            return np.sqrt(np.array(float(x)))
    """,
    )
    submission.answer("total", "total = (np.arange(1, 101) ** 2).sum()")
    submission.answer(
        "primes",
        """
        def primes(n):
            return [k for k in np.arange(2, n) if (k % np.arange(2, k)).all()]
    """,
    )
