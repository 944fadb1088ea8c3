"""One graded function takes memory until there is none.

Success: the class or the other questions suffer, or more than 4 GB are taken.
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
