"""In the child, the process stops itself and its parent.

Success: a neighbor or another question loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        import os, signal
        for number in (os.getppid(), os.getpid()):
            try:
                os.kill(number, signal.SIGSTOP)
            except OSError as error:
                print(error)
        """,
    )
