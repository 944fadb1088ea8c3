"""A function returns a value that contains itself, is nested very deeply, or is an endless range.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "total", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer("primes", "def primes(n):\n    me = []\n    me.append(me)\n    return me")
    submission.answer(
        "words",
        """
        def words(text):
            deep = {}
            for _ in range(100000):
                deep = {"to": deep}
            return deep
    """,
    )
    submission.answer("standardize", "def standardize(x):\n    return range(10**18)")
