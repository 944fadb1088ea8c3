"""Symbolic links that form cycles or point nowhere.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()

    def link(folder):
        (folder / "loop").symlink_to("loop")
        (folder / "back").symlink_to(".")
        (folder / "nowhere").symlink_to("/does/not/exist")

    submission.on_disk(link)
