"""Code nested too deeply to be parsed, in one answer and in an added cell.

Success: the other questions lose points, or the class stops.
"""

DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]
ALONE = True


def attack(submission):
    submission.solve()
    submission.answer("root", "def root(x):\n    return " + " + ".join(["x"] * 20000))
    submission.add("(" * 5000 + ")" * 5000)
    submission.add("-" * 100000 + "1")
    submission.add("\n".join(" " * depth + "if 1:" for depth in range(300)))
