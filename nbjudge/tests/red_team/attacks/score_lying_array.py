"""A subclass of ndarray claims equality in every comparison, through NumPy's protocols.

Success: the attack earns points in `standardize`.
"""


def attack(submission):
    submission.answer(
        "standardize",
        """
        class Lie(np.ndarray):
            def __array_function__(self, function, types, args, kwargs):
                return True

            def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
                return np.zeros(1)

            __eq__ = lambda self, other: True
            dtype = np.dtype(float)

        def standardize(x):
            return np.zeros(x.shape).view(Lie)
    """,
    )
