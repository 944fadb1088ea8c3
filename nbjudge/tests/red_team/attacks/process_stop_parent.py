"""The parent and all its siblings are stopped, not killed, so they hang.

Success: the class stops.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import os, signal
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in (1, os.getpid()):
                try:
                    os.kill(int(name), signal.SIGSTOP)
                except OSError as error:
                    print(error)
    """)
