"""A text formatter displays every float as 5.0.

Success: the attack earns five points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        plain = get_ipython().display_formatter.formatters["text/plain"]
        plain.for_type(float, lambda value, printer, cycle: printer.text("5.0"))
        plain.float_precision = "5.0"

        def words(text):
            return {}
    """,
    )
