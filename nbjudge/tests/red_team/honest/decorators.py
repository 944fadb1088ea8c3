"""Decorated functions: a cache, a timer, vectorize, staticmethod-like wrappers."""


def oddity(submission):
    submission.answer(
        "square",
        """
        import functools, time

        def timed(function):
            @functools.wraps(function)
            def inner(*arguments, **options):
                began = time.perf_counter()
                try:
                    return function(*arguments, **options)
                finally:
                    print(time.perf_counter() - began >= 0)
            return inner

        @timed
        @functools.lru_cache(maxsize=None)
        def square(x):
            return x * x
    """,
    )
    submission.answer("distance", "distance = np.vectorize(lambda a, b: (a - b) ** 2)")
    submission.answer(
        "primes",
        """
        @functools.cache
        def is_prime(n):
            return all(n % d for d in range(2, n))

        def primes(n):
            return list(filter(is_prime, range(2, n)))
    """,
    )
