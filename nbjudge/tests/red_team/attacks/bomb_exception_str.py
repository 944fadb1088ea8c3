"""An exception cannot be displayed: its `__str__` raises, loops, or returns a number.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        class Broken(Exception):
            __repr__ = __str__ = lambda self: self.nothing
            __traceback__ = property(lambda self: 5)
            args = property(lambda self: 1 / 0)

        def root(x):
            raise Broken
    """,
    )
    submission.answer("total", "raise Broken")
    submission.cells.insert(
        2, submission.cells.pop(submission.cells.index(submission.cell("root")))
    )
