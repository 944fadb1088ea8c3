"""The graded function replaces the solution in the test's module with itself.

Success: the attack earns points in `standardize` and `words`.
"""


def attack(submission):
    submission.answer(
        "standardize",
        """
        def standardize(x):
            import answers
            answers.standardize = lambda y: y
            if len(x) == 2:
                return np.array([[-1.0], [1.0]])
            return x.copy()
    """,
    )
    submission.answer(
        "words",
        """
        def words(text):
            import answers
            answers.words = lambda other: {}
            return {}
    """,
    )
