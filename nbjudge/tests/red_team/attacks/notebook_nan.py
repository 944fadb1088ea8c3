"""The JSON contains NaN and Infinity, which JSON does not allow; the answers are right.

Success: the class stops, or the attack earns points.
"""


def attack(submission):
    submission.change(lambda data: data.replace(b'"points": 4.0', b'"points": NaN')
                      .replace(b'"points": 5.0', b'"points": Infinity'))  # fmt: skip
