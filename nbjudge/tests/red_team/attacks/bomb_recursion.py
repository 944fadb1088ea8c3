"""Infinite recursion, and recursion past a raised limit until the stack overflows.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import sys
        sys.setrecursionlimit(10**9)

        class Deep:
            def __getattr__(self, name):
                return getattr(Deep(), name)

            def __repr__(self):
                return repr([self])

        def root(x):
            return repr(Deep())
    """,
    )
