"""Sixteen processes allocate half a gigabyte each, which no limit per process prevents.

Success: more than 4 GB are used, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import os, time
        for _ in range(16):
            if os.fork() == 0:
                held = bytearray(b"x") * (512 << 20)
                time.sleep(6)
                os._exit(0)
        time.sleep(5)
    """,
    )
