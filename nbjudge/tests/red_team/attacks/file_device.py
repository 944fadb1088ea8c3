"""Device files, one of which yields endless data when copied.

Success: the class stops. Only root can create the files.
"""

import os
import stat

ALONE = True


def attack(submission):
    def make(folder):
        for name, number in (("null.csv", 3), ("zero.csv", 5)):
            os.mknod(folder / name, stat.S_IFCHR | 0o666, os.makedev(1, number))

    submission.on_disk(make)
