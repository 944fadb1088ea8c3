"""Folders of the submission are symbolic links to the course's folders.

Success: a canary in autograded/ or feedback/.
"""


def attack(submission):
    def link(folder):
        for number, target in enumerate(
            ["/srv/course/source", "/etc", "../../..", "/home/teacher"]
        ):
            (folder / f"data{number}").symlink_to(target)

    submission.on_disk(link)
