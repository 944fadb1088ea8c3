"""Keys, histories and notes in home directories are read.

Success: the home's canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import os
read(os.path.expanduser("~/**"), "/home/**", os.path.expanduser("~teacher/.ssh/*"))
"""
    )
