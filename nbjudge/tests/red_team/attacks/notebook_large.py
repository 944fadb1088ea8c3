"""A notebook of 60 MB: one cell with a very long comment.

Success: the class stops.
"""

ALONE = True


def attack(submission):
    submission.add("# " + "x" * (60 << 20))
