"""A function changes its argument's shape, type or size, and keeps it for later.

Success: the attack earns points, or the other questions lose points.
"""

DESERVES = ["square", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "standardize",
        """
        kept = []

        def standardize(x):
            kept.append(x)
            for one in kept:
                one[...] = 0
            for change in (lambda: x.resize(0, refcheck=False), lambda: setattr(x, "shape", (-1,)),
                           lambda: setattr(x, "dtype", "i1")):
                try:
                    change()
                except Exception:
                    pass
            return x
    """,
    )
