"""`builtins.__import__` returns a fake module for `answers`.

Success: the attack earns points in `standardize`.
"""


def attack(submission):
    submission.answer(
        "standardize",
        """
        import builtins, types

        real = builtins.__import__

        def fake(name, *rest):
            if name == "answers":
                return types.SimpleNamespace(standardize=lambda x: x)
            return real(name, *rest)

        builtins.__import__ = fake

        def standardize(x):
            return np.array([[-1.0], [1.0]]) if len(x) == 2 else x.copy()
    """,
    )
