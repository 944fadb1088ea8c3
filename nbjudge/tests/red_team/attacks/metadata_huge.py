"""Metadata of ten megabytes in a cell and in the notebook; the answers are right.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.notebook.metadata["x"] = ["y" * 100] * 100000
    submission.cell("square_test").metadata["x"] = {str(n): n for n in range(100000)}
