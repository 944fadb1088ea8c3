"""The notebook is valid JSON, but a list, a number or null.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: b"[null, 5]")
