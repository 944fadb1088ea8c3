"""The process stops itself in the middle of a cell.

Success: the class stops, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer("root", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")
