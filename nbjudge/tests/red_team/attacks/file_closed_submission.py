"""Nobody may read the notebook, and nobody may enter its folder.

Success: the class stops.
"""

ALONE = True


def attack(submission):
    def close(folder):
        (folder / "ps1.ipynb").chmod(0)
        folder.chmod(0)

    submission.on_disk(close)
