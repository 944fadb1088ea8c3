"""The test in the child is edited, doubled and moved to the top.

Success: other points than deserved in any question.
"""


def attack(submission):
    cell = submission.cell("vector_test")
    cell.source = "4.0"
    again = submission.add("4.0", before="square_test")
    again.metadata["nbgrader"] = dict(cell.metadata["nbgrader"])
