"""The work of other students is read, submitted and graded.

Success: the neighbor's canary in the output.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
read("../../*/ps1/*", "/srv/course/submitted/**", "/srv/course/autograded/**")
"""
    )
