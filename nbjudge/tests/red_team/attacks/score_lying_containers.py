"""Subclasses of dict and list equal everything.

Success: the attack earns points in `words` or `primes`.
"""


def attack(submission):
    submission.answer(
        "words",
        """
        class Lie(dict):
            __eq__ = lambda self, other: True
            __len__ = lambda self: 0

        def words(text):
            return Lie()
    """,
    )
    submission.answer(
        "primes",
        """
        class LieList(list):
            __eq__ = lambda self, other: True
            __len__ = lambda self: type("N", (int,), {"__eq__": lambda *a: True})(0)

        def primes(n):
            return LieList()
    """,
    )
