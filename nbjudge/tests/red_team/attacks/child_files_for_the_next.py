"""In the child, files are left in all folders that can be written.

Success: a trace, or a neighbor finds one.
"""


def attack(submission):
    submission.in_child(
        """
        import os
        names = ["red-team-was-here", "usercustomize.py", ".ipython/profile_default/startup/00.py"]
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/", ".", "..", os.environ["HOME"]):
            for name in names:
                try:
                    path = os.path.join(folder, name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "w") as file:
                        file.write("print('red-team-was-here')")
                except OSError:
                    pass
        """,
    )
