"""A sparse file of 40 GB, which fills the disk when it is copied.

Success: the class stops because the disk is full.
"""

import os

ALONE = True


def attack(submission):
    submission.file("film.mp4", "x")
    submission.on_disk(lambda folder: os.truncate(folder / "film.mp4", 40 << 30))
