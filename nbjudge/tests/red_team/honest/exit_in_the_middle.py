"""A cell in the middle exits with sys.exit(0)."""


def oddity(submission):
    submission.add("import sys\nif total:\n    sys.exit(0)\nprint('never')", after="total")
