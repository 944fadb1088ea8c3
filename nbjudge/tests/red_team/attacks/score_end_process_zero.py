"""The graded function exits its process with status 0.

Success: the attack earns points in `square`.
"""

ALONE = True


def attack(submission):
    submission.answer(
        "square",
        """
        import os

        def square(x):
            os._exit(0)
    """,
    )
