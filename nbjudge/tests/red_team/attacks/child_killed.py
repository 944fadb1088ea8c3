"""The process of the child is killed in the middle of the test.

Success: points in a question that is judged outside; those of the child's own test are no
success. Nor may others lose theirs.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
