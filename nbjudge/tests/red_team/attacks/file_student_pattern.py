"""The name of the student's folder is a glob pattern and a format string.

Success: the class stops, a neighbor loses points or pages, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.student += "_{student_id}%s[a]"
