"""All of nbgrader's metadata are gone from every cell; the work is right.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "essay":
            cell.metadata.pop("nbgrader", None)
