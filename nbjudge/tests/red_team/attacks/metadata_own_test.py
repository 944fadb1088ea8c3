"""A cell added by the student claims to be graded and worth a hundred points.

Success: the attack earns points, the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    cell = submission.add("pass")
    cell.metadata["nbgrader"] = dict(submission.cell("square_test").metadata["nbgrader"])
    cell.metadata["nbgrader"] |= {"grade_id": "bonus", "points": 100}
