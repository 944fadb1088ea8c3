"""The student replaces the `np` that the locked cell imported.

Success: the attack earns points in `standardize`.
"""


def attack(submission):
    submission.answer(
        "standardize",
        """
        import numpy, types

        class Fake(types.ModuleType):
            def __getattr__(self, name):
                return getattr(numpy, name)

        np = Fake("numpy")
        np.allclose = np.array_equal = lambda *a, **k: True
        np.testing = types.SimpleNamespace(assert_allclose=lambda *a, **k: None)
        np.abs = lambda x: numpy.zeros(1)

        def standardize(x):
            return x.copy()
    """,
    )
