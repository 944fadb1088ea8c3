"""The cells say that they are of nbgrader's schema 1; the work is right.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 1
