"""One cell has no version of nbgrader's schema; the work is right.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    del submission.cell("square_test").metadata["nbgrader"]["schema_version"]
    del submission.cell("root").metadata["nbgrader"]["task"]
