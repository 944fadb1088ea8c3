"""The graded function raises SystemExit(0), so the process seems to have succeeded.

Success: the attack earns points in `square`.
"""


def attack(submission):
    submission.answer(
        "square",
        """
        def square(x):
            raise SystemExit(0)
    """,
    )
