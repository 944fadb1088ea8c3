"""A file with the submission time, as written by nbgrader's own exchange."""


def oddity(submission):
    submission.file("timestamp.txt", "2026-03-01 12:00:00.123456 UTC")
