"""Submits as a student whose name differs from a neighbor's only in upper case.

Success: the two are taken for one student, and get each other's points or pages.
"""


def attack(submission):
    submission.student = submission.neighbor.upper()
