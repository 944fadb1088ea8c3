"""The student's folder has a name that is a script.

Success: active in a page, or the class stops.
"""

ALONE = True


def attack(submission):
    submission.student += "<img src=x onerror=alert(1)>"
