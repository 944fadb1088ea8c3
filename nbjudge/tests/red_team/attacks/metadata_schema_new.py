"""One cell claims version 99 of nbgrader's metadata schema; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.cell("square_test").metadata["nbgrader"]["schema_version"] = 99
