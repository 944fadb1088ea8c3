"""The gradebook is read as bytes and as a database.

Success: the gradebook's canary in the output.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
read("../../../gradebook.db*", "/srv/course/gradebook.db*")
"""
    )
