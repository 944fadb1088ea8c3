"""The student's own ValueError and AssertionError are what the test catches and raises.

Success: points in `root` without the exception that is asked for.
"""


def attack(submission):
    submission.answer(
        "root",
        """
        class Anything(BaseException):
            pass

        ValueError = (Anything, TypeError, AttributeError)
        AssertionError = SystemExit

        def root(x):
            return x ** 0.5
    """,
    )
    submission.answer("square", "def square(x):\n    raise SystemExit")
