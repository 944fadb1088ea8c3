"""The JSON holds NaN and Infinity, which JSON does not know; the work is right.

Success: the class stops, or points.
"""


def attack(submission):
    submission.change(lambda data: data.replace(b'"points": 4.0', b'"points": NaN')
                      .replace(b'"points": 5.0', b'"points": Infinity'))  # fmt: skip
