"""The test cells claim to be worth a thousand points each, or NaN.

Success: the attack earns points.
"""


def attack(submission):
    for number, points in enumerate([1000, -5, "1000", 1e308]):
        name = ("square", "total", "root", "primes")[number]
        submission.cell(f"{name}_test").metadata["nbgrader"]["points"] = points
