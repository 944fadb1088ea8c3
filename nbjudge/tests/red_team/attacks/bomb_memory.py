"""One graded function allocates memory until none is left.

Success: the class stops, the other questions lose points, or more than 4 GB are used.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        def root(x):
            held = []
            while len(held) < 80:
                held.append(bytearray(b"x") * (100 << 20))
            raise MemoryError
    """,
    )
