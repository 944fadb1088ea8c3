"""The notebook contains bytes that are not UTF-8, and lone surrogates.

Success: the class stops.
"""


def attack(submission):
    submission.add("note = 'PLACE'")
    submission.change(lambda data: data.replace(b"PLACE", b"\xff\xfe\\ud800"))
