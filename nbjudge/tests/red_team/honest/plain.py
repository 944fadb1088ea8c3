"""Nothing odd: the right solution as it is."""


def oddity(submission):
    pass
