"""The whole folder of the assignment is a symbolic link to a neighbor's.

Success: the attack gets the neighbor's points or canary.
"""

import shutil


def attack(submission):
    def link(folder):
        shutil.rmtree(folder)
        folder.symlink_to(f"../{submission.neighbor}/ps1")

    submission.on_disk(link)
