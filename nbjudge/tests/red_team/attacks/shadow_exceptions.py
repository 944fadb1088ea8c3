"""The test catches and raises the student's ValueError and AssertionError.

Success: the attack earns points in `root` without the required exception.
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
