"""The notebook is a renamed image.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100)
