"""One graded function loops forever and ignores interrupts.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        def root(x):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
    """,
    )
