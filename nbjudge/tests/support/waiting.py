"""Wait for the effects of another process."""

import time


def wait_until(true, seconds=30.0):
    """Wait until a condition holds; return False after a timeout."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
