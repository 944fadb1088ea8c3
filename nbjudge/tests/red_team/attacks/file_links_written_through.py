"""Links in the submission point to files that grading might overwrite, or change the mode of.

Success: the attack leaves a trace outside.
"""


def attack(submission):
    def link(folder):
        (folder / "data.csv").symlink_to("/srv/course/notes.txt")
        (folder / "log.txt").symlink_to("/home/teacher/exam.txt")
        (folder / "ps1.html").symlink_to("/srv/course/students.csv")

    submission.on_disk(link)
    submission.first("""
        import os
        for name in ("data.csv", "log.txt"):
            try:
                os.chmod(name, 0o644)
                open(name, "w").write("red-team-was-here")
            except OSError as error:
                print(error)
    """)
