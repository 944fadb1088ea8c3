"""The file with the submission time is a named pipe.

Success: the class stops.
"""

import os

ALONE = True


def attack(submission):
    submission.on_disk(lambda folder: os.mkfifo(folder / "timestamp.txt"))
