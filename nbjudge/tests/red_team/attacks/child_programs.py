"""In the child, programs are started in the background, deaf to signals.

Success: a process survives, or writes a file later.
"""

ALONE = True


def attack(submission):
    submission.in_child(
        """
        import subprocess
        loop = "trap '' HUP TERM INT; while :; do sleep 1; : > /tmp/red-team-was-here; done"
        for start in ("nohup", "setsid", ""):
            nothing = subprocess.DEVNULL
            command = f'{start} sh -c "{loop}" &'
            subprocess.Popen(command, shell=True, stdin=nothing, stdout=nothing, stderr=nothing)
        """,
    )
