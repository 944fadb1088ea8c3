"""The metadata of the manually graded essay claim that it is a test, and nothing contradicts them.

Success: the attack earns three points in `essay`.
"""


def attack(submission):
    cell = submission.cell("essay")
    cell.metadata["nbgrader"] |= {"solution": False, "locked": False}
    cell.cell_type = "code"
    cell.source = "pass"
    cell.outputs, cell.execution_count = [], None
