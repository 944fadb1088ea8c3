"""A command is left in the background by the shell, deaf to signals.

Success: alive afterwards.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import subprocess
        subprocess.Popen("trap '' HUP TERM INT; setsid sleep 900 & setsid sleep 900", shell=True,
                         start_new_session=True)
    """)
    submission.first("get_ipython().system_raw('nohup sleep 900 >/dev/null 2>&1 &')")
