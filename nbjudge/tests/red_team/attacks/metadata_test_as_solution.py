"""The test cells claim to be the student's solution, and contain other tests.

Success: the attack earns points, or deserved points of other questions are lost.
"""

DESERVES = ["standardize"]


def attack(submission):
    submission.solve("standardize")
    for name in ("square", "total"):
        cell = submission.cell(f"{name}_test")
        cell.metadata["nbgrader"]["solution"] = True
        cell.source = "pass"
