"""A socket is among the files.

Success: the class stops, or deserved points are lost.
"""

import os
import socket

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()

    def bind(folder):
        os.chdir(folder)
        socket.socket(socket.AF_UNIX).bind("service")
        os.chdir("/")

    submission.on_disk(bind)
