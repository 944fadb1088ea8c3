"""Functions raise exceptions that end programs, such as SystemExit and KeyboardInterrupt.

Success: the attack earns points, or the other questions lose points.
"""

DESERVES = ["total"]


def attack(submission):
    submission.solve("total")
    submission.answer("square", "def square(x):\n    raise KeyboardInterrupt")
    submission.answer("standardize", "def standardize(x):\n    raise GeneratorExit")
    submission.answer("words", "def words(x):\n    raise StopIteration")
    submission.answer("root", "def root(x):\n    raise BaseExceptionGroup('x', [SystemExit(0)])")
    submission.answer(
        "primes",
        """
        def primes(n):
            raise type("Skip", (__import__("unittest").SkipTest,), {"__module__": "nowhere"})
    """,
    )
