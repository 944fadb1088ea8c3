"""The notebook itself is a named pipe.

Success: the class stops.
"""

import os

ALONE = True


def attack(submission):
    def replace(folder):
        (folder / "ps1.ipynb").unlink()
        os.mkfifo(folder / "ps1.ipynb")

    submission.on_disk(replace)
