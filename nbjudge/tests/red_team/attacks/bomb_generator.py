"""A function returns an infinite generator instead of a list.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer(
        "primes",
        """
        import itertools

        def primes(n):
            return itertools.count()
    """,
    )
