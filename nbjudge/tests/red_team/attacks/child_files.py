"""In the child, the course, the gradebook, other students' files and the homes are read.

Success: any canary but that of the test in the child.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import glob, subprocess
        for folder in ("srv", "home", "root", "etc", "var", "tmp"):
            for path in glob.glob(f"/{folder}/**/*", recursive=True, include_hidden=True):
                try:
                    with open(path, "rb") as file:
                        show(file.read())
                except OSError:
                    pass
        command = "cat /srv/course/*/*/*/* /srv/course/* /root/* /etc/*"
        show(subprocess.run(command, shell=True, capture_output=True).stdout)
        """,
        SHOW,
    )
