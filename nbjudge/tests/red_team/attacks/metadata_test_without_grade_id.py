"""The test cells have lost their ids but are still graded; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name in ("square", "primes"):
        del submission.cell(f"{name}_test").metadata["nbgrader"]["grade_id"]
