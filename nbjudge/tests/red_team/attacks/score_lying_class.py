"""An object claims, by `__class__`, to be an int or a list, and equals everything.

Success: the attack earns points in `total` or `primes`.
"""


def attack(submission):
    submission.first("""
        class Anything:
            def __init__(self, kind):
                self.kind = kind

            __class__ = property(lambda self: self.kind)
            __eq__ = __lt__ = __gt__ = __contains__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = __getitem__ = lambda self, *other: self
            __iter__ = lambda self: iter(())
            __float__ = lambda self: 0.0
            __len__ = lambda self: 0
            __array__ = lambda self, *a, **k: np.zeros(1)
    """)
    submission.answer("total", "total = Anything(int)")
    submission.answer("primes", "def primes(n):\n    return Anything(list)")
    submission.answer("square", "def square(x):\n    return Anything(int)")
