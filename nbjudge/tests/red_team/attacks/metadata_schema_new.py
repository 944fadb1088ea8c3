"""One cell says that it is of nbgrader's schema 99; the work is right.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.cell("square_test").metadata["nbgrader"]["schema_version"] = 99
