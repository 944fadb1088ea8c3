"""A graded function reads from address zero.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.answer("words", "import ctypes\n\ndef words(x):\n    ctypes.string_at(0)")
