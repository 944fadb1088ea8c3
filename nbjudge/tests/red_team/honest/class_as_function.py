"""The solutions are a callable object, a closure, a lambda and a partial function."""


def oddity(submission):
    submission.answer(
        "square",
        """
        from dataclasses import dataclass

        @dataclass
        class Power:
            exponent: int

            def __call__(self, x):
                return x**self.exponent

        square = Power(2)
    """,
    )
    submission.answer("distance", "distance = lambda a, b: square(a - b)")
    submission.answer(
        "words",
        """
        import collections, functools

        def count(kind, text):
            return kind(collections.Counter(text.split()))

        words = functools.partial(count, dict)
    """,
    )
    submission.answer(
        "root",
        """
        def make(power):
            def inner(x):
                if x < 0:
                    raise ValueError("x is below zero")
                return x**power
            return inner

        root = make(0.5)
    """,
    )
