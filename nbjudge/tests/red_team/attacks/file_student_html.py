"""The name of the student's folder contains a script.

Success: active content in a page, or the class stops.
"""

ALONE = True


def attack(submission):
    submission.student += "<img src=x onerror=alert(1)>"
