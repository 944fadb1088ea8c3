"""A warning on stderr in the graded function. Stock nbgrader deducts all points for it."""


def oddity(submission):
    submission.answer(
        "square",
        """
        import warnings

        def square(x):
            warnings.warn("squares are slow")
            return x * x
    """,
    )
