"""NaN, infinity and empty arrays, against carelessly written comparisons.

Success: the attack earns points.
"""


def attack(submission):
    submission.answer("total", "total = float('nan')")
    submission.answer("standardize", "def standardize(x):\n    return np.full(x.shape, np.nan)")
    submission.answer("root", "def root(x):\n    return float('inf')")
    submission.answer("words", "def words(text):\n    return float('nan')")
    submission.answer("primes", "def primes(n):\n    return []")
