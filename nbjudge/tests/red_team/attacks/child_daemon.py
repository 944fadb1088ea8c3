"""In the child, a process forks twice, closes everything and stays.

Success: a process survives, or writes a file later.
"""

ALONE = True


def attack(submission):
    submission.in_child(
        """
        import os, time
        if os.fork() == 0:
            try:
                os.setsid()
            except OSError:
                pass
            if os.fork() == 0:
                os.closerange(0, 256)
                for _ in range(600):
                    time.sleep(1)
                    try:
                        open("/tmp/red-team-was-here", "a").close()
                    except OSError:
                        pass
            os._exit(0)
        """,
    )
