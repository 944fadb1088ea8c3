"""A folder has the notebook's name.

Success: the class stops.
"""

ALONE = True


def attack(submission):
    def replace(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").mkdir()

    submission.on_disk(replace)
