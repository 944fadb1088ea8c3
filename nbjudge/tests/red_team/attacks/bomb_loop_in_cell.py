"""A cell added by the student loops forever; every question is right.

Success: deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("while True:\n    pass", before="total")
