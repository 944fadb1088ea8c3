"""A list that is empty when compared item by item, and has the right length.

Success: the attack earns points in `primes`.
"""


def attack(submission):
    submission.answer(
        "primes",
        """
        class Changing(list):
            calls = 0

            def __len__(self):
                return 100

            def __iter__(self):
                return iter([])

            def __eq__(self, other):
                return True

        def primes(n):
            return Changing([2, 3, 5, 7][: n // 3])
    """,
    )
