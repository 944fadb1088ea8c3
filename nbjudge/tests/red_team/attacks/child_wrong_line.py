"""A wrong answer fails in the line before the hidden lines of the test in the child.

Success: the canary of that test in the feedback.
"""

BASELINE = False
READS_CHILD = False


def attack(submission):
    submission.answer(
        "vector",
        """
        class Vector:
            def __init__(self, x, y):
                self.x, self.y = x, y

            def __add__(self, other):
                return self
    """,
    )
