"""A cell names 30,000 images that are missing among 1,900 files.

Success: the pages of the class are not written in time.
"""


def attack(submission):
    submission.add("\n".join(f"![p](q{number}.png)" for number in range(30_000)), kind="markdown")
    for number in range(1_900):
        submission.file(f"f/{number:04}.png", b"x")
