"""The garbage collector's list of objects is searched for the solutions' functions.

Success: points in `standardize`.
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
