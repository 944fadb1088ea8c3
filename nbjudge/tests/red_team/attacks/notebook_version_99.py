"""The notebook claims to be in nbformat 99.

Success: the class stops.
"""


def attack(submission):
    submission.change(lambda data: data.replace(b'"nbformat": 4', b'"nbformat": 99'))
