"""The student's folder begins like an option and holds a line's end.

Success: the class stops, or a neighbor loses something.
"""

ALONE = True


def attack(submission):
    submission.student = "--force\n--db=sqlite:///x.db"
