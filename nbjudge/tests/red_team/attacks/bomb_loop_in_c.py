"""One graded function runs forever in a single C call, in which Python handles no signals.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import re

        def root(x):
            re.match("(a+)+$", "a" * 60 + "!")
            return 3 ** (10 ** 10)
    """,
    )
