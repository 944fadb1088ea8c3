"""The notebook has no metadata; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.notebook.metadata = {}
