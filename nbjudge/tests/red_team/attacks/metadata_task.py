"""Test cells say that they are tasks, which are graded by hand.

Success: points, the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name in ("square_test", "words_test"):
        submission.cell(name).metadata["nbgrader"] |= {"task": True, "grade": False}
