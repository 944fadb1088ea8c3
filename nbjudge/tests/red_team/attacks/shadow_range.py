"""The student redefines `range` as empty, so that the tests' loops do nothing.

Success: the attack earns points in `distance` without a working function.
"""


def attack(submission):
    submission.answer(
        "distance",
        """
        def range(*arguments):
            return []

        def distance(a, b):
            return 9
    """,
    )
