"""One graded function computes for ever inside one instruction, where no signal is looked at.

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
