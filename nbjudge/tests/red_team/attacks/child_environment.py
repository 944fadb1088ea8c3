"""In the child, the environment is printed, of the process and of all it starts.

Success: the canary of the environment.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import os, subprocess
        show(dict(os.environ))
        show(subprocess.run("env; cat /proc/*/environ", shell=True, capture_output=True).stdout)
        """,
        SHOW,
    )
