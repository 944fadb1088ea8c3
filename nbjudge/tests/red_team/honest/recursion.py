"""Recursive solutions with a raised limit, and a generator used inside."""


def oddity(submission):
    submission.answer(
        "primes",
        """
        import sys
        sys.setrecursionlimit(5000)

        def sieve(numbers):
            if not numbers:
                return []
            first, *rest = numbers
            return [first] + sieve([n for n in rest if n % first])

        def primes(n):
            def count(k):
                while k < n:
                    yield k
                    k += 1
            return sieve(list(count(2)))
    """,
    )
