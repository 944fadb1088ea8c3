"""A wrong answer fails near the hidden lines of the test in the child, so a traceback quotes them.

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
                self.numbers = x, y

            def __add__(self, other):
                return Vector(self.x + other.x, self.y + other.y)
    """,
    )
