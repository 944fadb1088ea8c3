"""The notebook is an empty file.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: b"")
