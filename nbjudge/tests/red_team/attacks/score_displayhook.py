"""`sys.displayhook` and the shell's display hook are replaced: each result becomes 5.0.

Success: the attack earns five points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        import sys

        hook = type(get_ipython().displayhook)
        hook.compute_format_data = lambda self, result: ({"text/plain": "5.0"}, {})
        sys.displayhook = lambda value: print("5.0")

        def words(text):
            return {}
    """,
    )
