"""The name of the student's folder contains a script.

Success: a page has active content, or the class stops.
"""

ALONE = True


def attack(submission):
    submission.student += "<img src=x onerror=alert(1)>"
