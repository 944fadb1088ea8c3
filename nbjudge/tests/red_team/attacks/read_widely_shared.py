"""Resources shared by processes are read: System V memory, kernel keys, the shared memory folder.

Success: any canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import ctypes
libc = ctypes.CDLL(None)
read("/proc/keys", "/proc/sysvipc/*", "/dev/shm/**", "/dev/mqueue/*", "/run/**", "/tmp/**")
for number in range(2000):
    store = ctypes.create_string_buffer(4096)
    if libc.syscall(250, 11, number, store, 4096, 0) > 0:
        show(store.raw)
"""
    )
