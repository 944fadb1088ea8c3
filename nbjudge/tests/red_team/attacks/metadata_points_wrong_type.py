"""The points of a test cell are a word, null, a list or NaN, with one question solved.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name, points in (("square", "many"), ("total", None), ("root", [3]), ("primes", True)):
        submission.cell(f"{name}_test").metadata["nbgrader"]["points"] = points
