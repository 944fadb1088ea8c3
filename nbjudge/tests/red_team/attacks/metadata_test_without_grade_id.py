"""The test cells have lost their names but are still graded; the work is right.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name in ("square", "primes"):
        del submission.cell(f"{name}_test").metadata["nbgrader"]["grade_id"]
