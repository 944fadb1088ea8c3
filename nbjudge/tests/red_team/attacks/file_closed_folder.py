"""A folder that nobody may enter, with a file in it that nobody may read.

Success: the class stops, or the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.file("closed/secret.txt", "x")

    def close(folder):
        (folder / "closed" / "secret.txt").chmod(0)
        (folder / "closed").chmod(0)

    submission.on_disk(close)
