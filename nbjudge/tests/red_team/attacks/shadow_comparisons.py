"""The student redefines abs, len, sum, sorted, all, isinstance and str.

Success: the attack earns points in `root`, `total` or `primes`.
"""


def attack(submission):
    submission.answer(
        "root",
        """
        abs = lambda x: 0.0
        str = lambda x: "yes"

        def root(x):
            if x == -1:
                raise ValueError
            return 3
    """,
    )
    submission.answer(
        "primes",
        """
        class Same:
            __eq__ = lambda self, other: True

        all = isinstance = lambda *a: True
        len = sum = sorted = lambda x: Same()

        def primes(n):
            return [2, 3, 5, 7] if n == 10 else []
    """,
    )
