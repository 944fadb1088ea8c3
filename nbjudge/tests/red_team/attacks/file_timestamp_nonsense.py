"""The file with the time of handing in holds nonsense.

Success: the class stops, or the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.file("timestamp.txt", b"\xff\xfe the day before yesterday 99:99")
