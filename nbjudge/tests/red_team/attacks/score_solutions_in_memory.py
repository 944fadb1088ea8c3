"""The garbage collector's objects are searched for the functions of the solutions.

Success: the attack earns points in `standardize`.
"""


def attack(submission):
    submission.answer(
        "standardize",
        """
        import gc, types

        def standardize(x):
            for one in gc.get_objects():
                if isinstance(one, types.FunctionType) and one.__module__ == "answers":
                    if one.__name__ == "standardize":
                        return one(x)
            return np.array([[-1.0], [1.0]])
    """,
    )
