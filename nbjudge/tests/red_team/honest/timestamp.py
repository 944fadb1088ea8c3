"""A file with the time of handing in, as nbgrader's own exchange writes it."""


def oddity(submission):
    submission.file("timestamp.txt", "2026-03-01 12:00:00.123456 UTC")
