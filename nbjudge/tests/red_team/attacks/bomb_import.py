"""A student's module loops on import, in a cell and inside a function.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.file("slow.py", "while True:\n    pass\n")
    submission.answer("root", "def root(x):\n    import slow\n    return slow.root(x)")
