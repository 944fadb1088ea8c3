"""A cell takes three seconds, and a graded function half a second."""


def oddity(submission):
    submission.add("import time\ntime.sleep(3)")
    submission.answer(
        "root",
        """
        import time

        def root(x):
            time.sleep(0.1)
            if x < 0:
                raise ValueError("x is below zero")
            return x**0.5
    """,
    )
