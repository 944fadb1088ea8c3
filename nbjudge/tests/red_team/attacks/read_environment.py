"""The environment of this process and of all others is read.

Success: the environment's canary in the output.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import os
show(os.environ)
read("/proc/self/environ", "/proc/*/environ", "/proc/*/task/*/environ")
"""
    )
