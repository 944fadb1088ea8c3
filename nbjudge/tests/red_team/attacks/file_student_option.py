"""The name of the student's folder begins like an option and contains a line break.

Success: the class stops, or a neighbor loses points or pages.
"""

ALONE = True


def attack(submission):
    submission.student = "--force\n--db=sqlite:///x.db"
