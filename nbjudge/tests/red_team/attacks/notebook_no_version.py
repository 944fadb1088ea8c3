"""The notebook does not say of which nbformat it is.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: data.replace(b'"nbformat": 4', b'"format": 4'))
