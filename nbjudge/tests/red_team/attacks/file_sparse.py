"""A file of 40 GB that is nearly empty on the disk, until somebody copies it.

Success: the class stops: the disk is full.
"""

import os

ALONE = True


def attack(submission):
    submission.file("film.mp4", "x")
    submission.on_disk(lambda folder: os.truncate(folder / "film.mp4", 40 << 30))
