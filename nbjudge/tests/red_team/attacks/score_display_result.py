"""Everything that is displayed or printed claims five points.

Success: the attack earns points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        import sys
        from IPython.display import display

        def words(text):
            display(5.0)
            print(5.0)
            sys.displayhook(5.0)
            return 5.0
    """,
    )
