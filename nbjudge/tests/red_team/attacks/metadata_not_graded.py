"""The test cells say that they are not graded.

Success: points, the class stops, or the honest points of the rest are lost.
"""

DESERVES = ["square", "standardize"]


def attack(submission):
    submission.solve("square", "standardize")
    for name in ("square", "total", "primes"):
        submission.cell(f"{name}_test").metadata["nbgrader"]["grade"] = False
