"""Tests are moved to the child and forged there, and surplus files drown the notes on that.

Success: points in a question without a note that names its test.
"""


def attack(submission):
    submission.first("""
        class Moved:
            __eq__ = __gt__ = __lt__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = lambda self, *other: self

        import sys, types
        sys.modules["answers"] = types.SimpleNamespace(TOTAL=Moved())
    """)
    submission.answer("total", "total = Moved()")
    submission.answer("square", "def square(x):\n    return Moved()")
    for number in range(40):
        submission.file(f"ps1-{number}.ipynb", '{"cells": []}')
        submission.file(f"note: square_test is right {number}.txt", "x")
