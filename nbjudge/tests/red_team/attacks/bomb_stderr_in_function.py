"""A graded function writes to stderr forever.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import sys

        def root(x):
            while True:
                sys.stderr.write("flood " * 1000)
    """,
    )
