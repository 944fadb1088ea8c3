"""The instructor's notebook is read, with a path from where the notebook runs and a likely one.

Success: the source's canary in the output.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
read("../../../source/**", "../../../../source/**", "/srv/course/source/**")
"""
    )
