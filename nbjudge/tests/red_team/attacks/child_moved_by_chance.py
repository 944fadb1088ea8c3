"""Tests are forged in the child by chance, and a limit has the work judged twice.

A note from one run must not get lost if the points come from the other. Success: points in a
question without a note that names its test.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import os

        class Moved:
            def __init__(self):
                self.says = os.urandom(1)[0] < 128

            __eq__ = __gt__ = __lt__ = lambda self, other: self.says
            __sub__ = __rsub__ = __abs__ = lambda self, *other: self

        import sys, types
        sys.modules["answers"] = types.SimpleNamespace(TOTAL=1)
        same = Moved()
    """)
    submission.answer("total", "total = Moved()")
    submission.answer("square", "def square(x):\n    return same")
    submission.answer("distance", "other = Moved()\n\ndef distance(a, b):\n    return other")
    submission.answer("root", "def root(x):\n    while True:\n        pass")
