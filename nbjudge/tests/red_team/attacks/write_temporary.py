"""Files are left in the folders for temporary files.

Success: the attack leaves a trace, or the next student sees it.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import os, tempfile
        folders = {"/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue", tempfile.gettempdir()}
        for folder in folders:
            try:
                open(folder + "/red-team-was-here", "w").write("x")
            except OSError as error:
                print(error)
    """)
