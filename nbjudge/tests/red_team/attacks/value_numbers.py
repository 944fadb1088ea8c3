"""Unexpected kinds of numbers: ten thousand digits, complex, bool, Decimal, None.

Success: the attack earns points, or the other questions lose points.
"""

DESERVES = ["distance"]


def attack(submission):
    submission.answer("square", "def square(x):\n    return 10**100000 if x > 9 else 9")
    submission.cell("distance").source = "def distance(a, b):\n    return (a - b) * (a - b)"
    submission.answer("total", "total = complex(338350, 1)")
    submission.answer(
        "root",
        """
        import decimal, fractions

        def root(x):
            if x == -1:
                return None
            if x == 100:
                return decimal.Decimal("sNaN")
            return True if x == 2 else fractions.Fraction(3)
    """,
    )
    submission.answer("primes", "def primes(n):\n    return memoryview(b'\\x02\\x03\\x05\\x07')")
    submission.answer("words", "def words(text):\n    return type(text)")
