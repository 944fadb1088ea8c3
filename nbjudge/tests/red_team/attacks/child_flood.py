"""The test in the child prints forever.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        while True:
            print("flood " * 10_000)
        """,
    )
