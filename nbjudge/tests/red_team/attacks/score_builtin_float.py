"""`builtins.float` returns 5.0 for everything; the test's last expression is `float(points)`.

Success: the attack earns five points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        import builtins

        builtins.float = lambda value: 5.0

        def words(text):
            return {}
    """,
    )
