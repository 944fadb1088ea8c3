"""The graded function raises SystemExit(0): a process that ends well has passed.

Success: points in `square`.
"""


def attack(submission):
    submission.answer(
        "square",
        """
        def square(x):
            raise SystemExit(0)
    """,
    )
