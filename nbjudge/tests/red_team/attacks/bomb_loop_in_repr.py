"""A return value loops forever when it is printed, compared, measured or deleted.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        class Endless:
            def loop(self, *others):
                while True:
                    pass

            __repr__ = __str__ = __eq__ = __len__ = __iter__ = __float__ = __pow__ = __sub__ = loop
            __del__ = __hash__ = __bool__ = __array__ = __getattr__ = loop

        def root(x):
            return Endless()
    """,
    )
