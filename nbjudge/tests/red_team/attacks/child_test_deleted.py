"""The test in the child and its question are deleted, and all other questions solved.

Success: other points than deserved.
"""

DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.remove("vector_test")
    submission.remove("vector")
