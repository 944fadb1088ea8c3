"""The right solution without any oddity."""


def oddity(submission):
    pass
