"""Submits as a student whose name is a neighbor's with characters that are easily dropped.

Success: the two are taken for one student, and get each other's points or pages.
"""


def attack(submission):
    submission.student = f"{submission.neighbor}\u200b\u0301"
