"""The instructor's notebook is read, by a path relative to the notebook and by a likely one.

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
