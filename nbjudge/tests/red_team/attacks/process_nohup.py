"""A shell command stays in the background and ignores signals.

Success: a process survives.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import subprocess
        subprocess.Popen("trap '' HUP TERM INT; setsid sleep 900 & setsid sleep 900", shell=True,
                         start_new_session=True)
    """)
    submission.first("get_ipython().system_raw('nohup sleep 900 >/dev/null 2>&1 &')")
