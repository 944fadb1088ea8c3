"""The student redefines `float` to return five points for everything.

Success: the attack earns points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        def float(value):
            return 5.0

        def words(text):
            return {}
    """,
    )
