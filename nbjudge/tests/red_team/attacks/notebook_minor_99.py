"""The notebook is in nbformat 4.99, from the future; the answers are right.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.change(lambda data: data.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 99'))
