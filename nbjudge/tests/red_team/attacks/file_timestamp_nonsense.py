"""The file with the submission time contains nonsense.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.file("timestamp.txt", b"\xff\xfe the day before yesterday 99:99")
