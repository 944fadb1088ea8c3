"""One cell has no version of nbgrader's metadata schema; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    del submission.cell("square_test").metadata["nbgrader"]["schema_version"]
    del submission.cell("root").metadata["nbgrader"]["task"]
