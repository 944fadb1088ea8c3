"""The student's folder is called `*`, which nbgrader reads as everyone.

Success: the class stops, or a neighbor loses something.
"""

ALONE = True


def attack(submission):
    submission.student = "*"
