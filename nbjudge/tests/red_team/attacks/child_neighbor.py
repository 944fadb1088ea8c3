"""In the child, files are written into the course and into other students' folders.

Success: a trace anywhere, or other results of a neighbor.
"""


def attack(submission):
    submission.in_child(
        """
        import glob, os
        folders = ["/srv/course", "/srv/course/autograded", "/srv/course/feedback", "/srv/exchange"]
        folders += glob.glob("/srv/course/*/*/*") + ["/home/teacher", "/opt/repository/src/nbjudge"]
        for folder in folders:
            for name in ("red-team-was-here", "ps1.ipynb", "sitecustomize.py"):
                try:
                    os.makedirs(folder, exist_ok=True)
                    with open(f"{folder}/{name}", "w") as file:
                        file.write("red-team-was-here")
                except OSError as error:
                    print(error.strerror)
        """,
    )
