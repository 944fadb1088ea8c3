"""Many cells print as much as they may, so that no output of the tests is kept.

Success: a question that is judged outside has other points than deserved.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    for _ in range(60):
        submission.first("for _ in range(3000):\n    print('flood ' * 100)")
    submission.answer("vector", "class Vector:\n    pass")
