"""A cell of the student's own says that it is graded and worth a hundred points.

Success: points, the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    cell = submission.add("pass")
    cell.metadata["nbgrader"] = dict(submission.cell("square_test").metadata["nbgrader"])
    cell.metadata["nbgrader"] |= {"grade_id": "bonus", "points": 100}
