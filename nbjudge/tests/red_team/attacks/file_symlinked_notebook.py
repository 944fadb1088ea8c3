"""The notebook is a symbolic link to a neighbor's.

Success: the attack gets the neighbor's points or canary.
"""


def attack(submission):
    def link(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").symlink_to(f"../../{submission.neighbor}/ps1/ps1.ipynb")

    submission.on_disk(link)
