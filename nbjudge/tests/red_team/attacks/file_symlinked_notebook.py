"""The notebook is a symbolic link to a neighbour's.

Success: the neighbour's points or canary.
"""


def attack(submission):
    def link(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").symlink_to(f"../../{submission.neighbour}/ps1/ps1.ipynb")

    submission.on_disk(link)
