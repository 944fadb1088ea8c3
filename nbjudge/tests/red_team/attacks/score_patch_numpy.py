"""NumPy's comparisons always succeed.

Success: the attack earns points in `standardize` without an answer.
"""


def attack(submission):
    submission.answer(
        "standardize",
        """
        import numpy.testing

        np.allclose = np.array_equal = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.abs = lambda x: np.zeros(1)

        def standardize(x):
            return x.copy()
    """,
    )
