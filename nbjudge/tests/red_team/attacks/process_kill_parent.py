"""A cell kills the parent process, and then every process that it can.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("""
        import os, signal
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in (os.getppid(), -1):
                try:
                    if pid != 1:
                        os.kill(pid, number)
                except OSError as error:
                    print(error)
    """)
