"""The graded function sets the variables of the test that calls it.

Success: the attack earns points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        import sys

        def words(text):
            frame = sys._getframe(1)
            while frame is not None:
                if "points" in frame.f_globals:
                    frame.f_globals["points"] = 5
                frame = frame.f_back
            return []
    """,
    )
