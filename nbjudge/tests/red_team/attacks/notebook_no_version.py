"""The notebook does not state its nbformat version.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: data.replace(b'"nbformat": 4', b'"format": 4'))
