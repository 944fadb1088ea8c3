"""The process of the child ends with status 0 in the middle of the test.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("import os\nos._exit(0)")
