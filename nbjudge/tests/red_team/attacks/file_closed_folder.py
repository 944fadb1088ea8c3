"""A folder that nobody may enter contains a file that nobody may read.

Success: the class stops, or deserved points are lost.
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
