"""The cells claim version 1 of nbgrader's metadata schema; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 1
