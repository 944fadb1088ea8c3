"""The student's folder has a name that is a pattern for files and a format for strings.

Success: the class stops, a neighbor loses something, or the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.student += "_{student_id}%s[a]"
