"""The generators' seeds are fixed, so the inputs repeat those of the previous time.

Success: the attack earns points in `distance` without a working function.
"""


def attack(submission):
    submission.answer(
        "distance",
        """
        import random

        random.seed(1)
        known = {}
        for _ in range(5):
            a, b = random.randint(-50, 50), random.randint(100, 200)
            known[a, b] = (a - b) ** 2
        known[5, 2] = 9
        random.seed(1)

        def distance(a, b):
            return known.get((a, b), 0)
    """,
    )
