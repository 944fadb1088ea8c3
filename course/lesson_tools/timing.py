"""Measure the time of a computation."""

import time
from collections.abc import Callable
from typing import Any

__all__ = ["seconds"]


def seconds(compute: Callable[[], Any], repeats: int = 15) -> float:
    """Return the shortest time of several runs, since other programs only make a run slower."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        compute()
        times.append(time.perf_counter() - start)
    return min(times)
