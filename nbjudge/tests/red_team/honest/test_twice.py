"""A test cell was copied and pasted, to run it again below."""

from copy import deepcopy


def oddity(submission):
    copy = deepcopy(submission.cell("square_test"))
    copy["id"] = "0123abcd"
    submission.cells.append(copy)
