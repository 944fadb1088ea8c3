"""The process kills itself in a cell between two questions.

Success: the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", before="total")
