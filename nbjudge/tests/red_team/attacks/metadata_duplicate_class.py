"""Every cell has the same name.

Success: the class stops, or the attack earns points.
"""


def attack(submission):
    submission.solve("square")
    submission.answer("square", "def square(x):\n    return 9")
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = "square_test"
