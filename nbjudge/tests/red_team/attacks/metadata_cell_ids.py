"""The cells' ids are all the same, too long, or hold what ids must not.

Success: the class stops, something is active, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for cell in submission.cells:
        cell["id"] = "same"
    submission.cells[0]["id"] = "x" * 500
    submission.cells[1]["id"] = '"><script>alert(1)</script>'
