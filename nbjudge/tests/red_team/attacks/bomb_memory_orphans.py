"""Sixteen orphaned processes allocate half a gigabyte each.

Success: more than 4 GB are used, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import mmap, os, time
        private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
        for _ in range(16):
            if os.fork() == 0:
                if os.fork():
                    os._exit(0)
                held = mmap.mmap(-1, 512 << 20, private)
                time.sleep(20)
                os._exit(0)
            os.wait()
        time.sleep(12)
    """,
    )
