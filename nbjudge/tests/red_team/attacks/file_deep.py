"""Nested folders whose path exceeds the maximum length.

Success: the class stops, or deserved points are lost.
"""

import os

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()

    def dig(folder):
        os.chdir(folder)
        for _ in range(120):
            os.mkdir("deeper" * 10)
            os.chdir("deeper" * 10)
        os.chdir("/")

    submission.on_disk(dig)
