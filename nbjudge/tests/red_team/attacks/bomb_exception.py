"""An exception with a message of 200 MB, a name of a megabyte and a chain of ten thousand causes.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        def root(x):
            error = None
            for _ in range(10000):
                new = ValueError("cause")
                new.__cause__, error = error, new
            raise type("N" * (1 << 20), (Exception,), {})("x" * (200 << 20)) from error
    """,
    )
