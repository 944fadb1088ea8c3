"""The notebook is not JSON: it is truncated.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: data[: len(data) // 2])
