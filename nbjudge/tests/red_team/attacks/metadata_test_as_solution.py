"""The test cells say that they are the student's own solution, and hold other tests.

Success: points, or the honest points of the rest are lost.
"""

DESERVES = ["standardize"]


def attack(submission):
    submission.solve("standardize")
    for name in ("square", "total"):
        cell = submission.cell(f"{name}_test")
        cell.metadata["nbgrader"]["solution"] = True
        cell.source = "pass"
