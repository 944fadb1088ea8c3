"""The notebook is a symbolic link to the instructor's, with the solutions.

Success: the attack gets points, or the source's canary.
"""


def attack(submission):
    def link(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").symlink_to("../../../source/ps1/ps1.ipynb")

    submission.on_disk(link)
