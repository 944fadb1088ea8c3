"""The exception is a subclass of the required one, raised from another."""


def oddity(submission):
    submission.answer(
        "root",
        """
        class BelowZero(ValueError):
            \"\"\"x is below zero.\"\"\"

        def root(x):
            try:
                if x < 0:
                    raise KeyError(x)
            except KeyError as error:
                raise BelowZero(f"{x} is below zero") from error
            return x**0.5
    """,
    )
