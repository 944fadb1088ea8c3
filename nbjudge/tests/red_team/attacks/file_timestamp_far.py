"""The submission time is beyond the range of dates.

Success: the class stops.
"""

ALONE = True


def attack(submission):
    submission.file("timestamp.txt", "9999-12-31 23:59:59.999999 -2359")
