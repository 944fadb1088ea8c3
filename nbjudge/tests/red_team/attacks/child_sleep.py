"""The test in the child sleeps, which uses no processor time.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        import time
        time.sleep(10_000)
        """,
    )
