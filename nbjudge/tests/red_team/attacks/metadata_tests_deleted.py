"""All tests are deleted; one question is right.

Success: the attack earns points for missing tests, the class stops, or deserved points are lost.
"""

DESERVES = ["square"]


def attack(submission):
    submission.solve("square")
    for name in ("square", "standardize", "total", "words", "distance", "root", "primes"):
        submission.remove(f"{name}_test")
    submission.remove("essay")
