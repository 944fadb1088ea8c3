"""The cells' ids are all equal, too long, or contain invalid characters.

Success: the class stops, a page has active content, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for cell in submission.cells:
        cell["id"] = "same"
    submission.cells[0]["id"] = "x" * 500
    submission.cells[1]["id"] = '"><script>alert(1)</script>'
