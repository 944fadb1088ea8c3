"""A cell between two questions kills its process.

Success: deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", before="total")
