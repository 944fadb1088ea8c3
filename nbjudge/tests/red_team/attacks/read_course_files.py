"""All other files in the course's folder and the exchange are read.

Success: a canary of the course's files or of the exchange.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
read("../../../*", "/srv/course/*", "/srv/exchange/**")
"""
    )
