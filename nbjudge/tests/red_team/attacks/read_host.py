"""Passwords and settings of the machine are read.

Success: the host's canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
read("/etc/shadow", "/etc/*.conf", "/etc/**", "/root/**", "/var/backups/**", "/var/**")
"""
    )
