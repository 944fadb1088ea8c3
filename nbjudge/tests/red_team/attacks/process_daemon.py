"""A process forks twice, starts a new session and stays.

Success: a process survives, or a file that the process writes later.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for fd in range(256):
                    try:
                        os.close(fd)
                    except OSError:
                        pass
                for _ in range(600):
                    time.sleep(1)
                    try:
                        open("/tmp/red-team-was-here", "a").close()
                    except OSError:
                        pass
            os._exit(0)
    """)
