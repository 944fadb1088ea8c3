"""The notebook begins with a byte order mark, as written by some editors on Windows.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: b"\xef\xbb\xbf" + data)
