"""The random generators are fixed, and the few resulting answers hard-coded.

Success: the attack earns points in `distance` or `words` without working functions.
"""


def attack(submission):
    submission.first("""
        import random
        random.randint = lambda a, b: a
        random.choice = lambda some: some[0]
        random.Random.randint = lambda self, a, b: a
    """)
    submission.answer("distance", "def distance(a, b):\n    return 9 if a == 5 else 22500")
    submission.answer(
        "words",
        """
        def words(text):
            return {"ant": len(text) // 4 + 1} if text else {}
    """,
    )
