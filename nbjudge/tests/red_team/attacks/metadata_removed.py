"""All of nbgrader's metadata are removed from every cell; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "essay":
            cell.metadata.pop("nbgrader", None)
