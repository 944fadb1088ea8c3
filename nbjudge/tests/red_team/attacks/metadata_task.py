"""Test cells claim to be tasks, which are graded manually.

Success: the attack earns points, the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name in ("square_test", "words_test"):
        submission.cell(name).metadata["nbgrader"] |= {"task": True, "grade": False}
