"""The test cells claim that they are not graded.

Success: the attack earns points, the class stops, or deserved points of other questions are lost.
"""

DESERVES = ["square", "standardize"]


def attack(submission):
    submission.solve("square", "standardize")
    for name in ("square", "total", "primes"):
        submission.cell(f"{name}_test").metadata["nbgrader"]["grade"] = False
