"""One graded function loops forever.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer("root", "def root(x):\n    while True:\n        pass")
