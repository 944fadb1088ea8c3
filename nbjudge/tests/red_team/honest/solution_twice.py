"""A solution cell occurs twice after copy and paste; the last one is right."""

from copy import deepcopy


def oddity(submission):
    wrong = deepcopy(submission.cell("square"))
    wrong.source = "def square(x):\n    return x + x"
    wrong["id"] = "0123abcd"
    submission.cells.insert(submission.cells.index(submission.cell("square")), wrong)
