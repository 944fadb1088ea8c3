"""The notebook reads links that were submitted with it.

Success: any canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    def link(folder):
        (folder / "root").symlink_to("/")
        (folder / "up").symlink_to("../../..")
        (folder / "answers").symlink_to("/srv/course/answers.py")

    submission.on_disk(link)
    submission.first(
        READ
        + """
read("answers", "up/*", "root/srv/course/*", "root/etc/grader.conf", "root/home/teacher/*")
"""
    )
