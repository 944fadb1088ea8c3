"""A named pipe among the files: a program that opens it hangs.

Success: the class stops, or deserved points are lost.
"""

import os

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.on_disk(lambda folder: os.mkfifo(folder / "measurements.csv"))
