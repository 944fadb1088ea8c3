"""The notebook begins with a byte order mark, as some editors on Windows write it.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: b"\xef\xbb\xbf" + data)
