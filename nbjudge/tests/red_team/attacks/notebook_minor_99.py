"""The notebook is of nbformat 4.99, from the future; the work is right.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.change(lambda data: data.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 99'))
