"""A named pipe among the files: who opens it waits for ever.

Success: the class stops, or the honest points are lost.
"""

import os

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.on_disk(lambda folder: os.mkfifo(folder / "measurements.csv"))
