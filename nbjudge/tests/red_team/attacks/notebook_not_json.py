"""The notebook is no JSON: it ends in the middle.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: data[: len(data) // 2])
