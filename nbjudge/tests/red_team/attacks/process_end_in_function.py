"""A graded function exits its process; all other questions are right.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer("root", "import os\n\ndef root(x):\n    os._exit(3)")
