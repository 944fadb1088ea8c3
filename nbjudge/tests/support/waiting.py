"""Wait for what another process does."""

import time


def wait_until(true, seconds=30.0):
    """Wait until something is true; returns whether it is."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
