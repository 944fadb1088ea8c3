"""The whole folder of the assignment is a symbolic link to a neighbour's.

Success: the neighbour's points or canary.
"""

import shutil


def attack(submission):
    def link(folder):
        shutil.rmtree(folder)
        folder.symlink_to(f"../{submission.neighbour}/ps1")

    submission.on_disk(link)
