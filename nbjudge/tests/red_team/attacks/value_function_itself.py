"""The graded names are not functions: a class, a module, a recursive partial object, a number.

Success: the attack earns points, or the other questions lose points.
"""

DESERVES = ["total"]


def attack(submission):
    submission.solve("total")
    submission.answer(
        "square",
        """
        class Meta(type):
            __call__ = lambda cls, x: cls
            __eq__ = lambda cls, other: True
            __hash__ = type.__hash__

        class square(metaclass=Meta):
            pass
    """,
    )
    submission.answer("words", "import os as words")
    submission.answer("root", "root = 9")
    submission.answer("primes", "import functools\nprimes = functools.partial(lambda n: primes)")
