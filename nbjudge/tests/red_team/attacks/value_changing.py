"""An iterable or property that changes on each access.

Success: the attack earns points in `total` or `primes`.
"""


def attack(submission):
    submission.add(
        """
        class Flip(int):
            state = 0
            def __eq__(self, other):
                return True
            def __sub__(self, other):
                return 0
            def __gt__(self, other):
                return True

        total = Flip()
        import sys
        class Names(type(sys)):
            total = property(lambda self: Flip())
        sys.modules["__main__"].__class__ = Names
    """,
        before="total_test",
    )
