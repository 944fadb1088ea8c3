"""A cell closes every file descriptor of its process.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer("primes", "import os\nos.closerange(0, 4096)")
