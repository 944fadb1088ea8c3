"""A cell and a function wait for keyboard input.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root", "import sys\n\ndef root(x):\n    sys.stdin.read()\n    return input()"
    )
    submission.add("input('?')")
    submission.add("import os\nos.read(0, 100)")
    submission.add("!cat; read x")
