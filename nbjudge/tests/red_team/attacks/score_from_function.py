"""The graded function itself publishes a result that looks like points, then fails.

Success: the attack earns points in `square` without an answer.
"""


def attack(submission):
    submission.answer(
        "square",
        """
        def square(x):
            shell = get_ipython()
            shell.displayhook.start_displayhook()
            shell.displayhook.write_format_data({"text/plain": "4.0"}, {})
            shell.displayhook.finish_displayhook()
            raise ValueError
    """,
    )
