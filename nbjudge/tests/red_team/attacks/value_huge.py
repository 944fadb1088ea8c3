"""A function returns a value too large to send: ten million items, 100 MB of text, 8 TB of array.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "total", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer("primes", "def primes(n):\n    return list(range(10_000_000))")
    submission.answer("words", "def words(text):\n    return {'x' * (100 << 20): 1}")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            return np.broadcast_to(np.float64(1), (10**6, 10**6))
    """,
    )
