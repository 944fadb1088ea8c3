"""A thread continuously sets the test's variable `points` to 5.

Success: the attack earns points in `words` without an answer.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        import threading

        def words(text):
            return {}

        def always(names=globals()):
            while True:
                names["points"] = 5

        threading.Thread(target=always, daemon=True).start()
    """,
    )
