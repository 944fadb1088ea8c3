"""The student's folder is named `*`, which nbgrader interprets as everyone.

Success: the class stops, or a neighbor loses points or pages.
"""

ALONE = True


def attack(submission):
    submission.student = "*"
