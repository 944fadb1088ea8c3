"""A cell of the student's own loops for ever; every question is right.

Success: the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("while True:\n    pass", before="total")
