"""Measure the time of a computation."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

__all__ = ["seconds"]


def seconds(compute: Callable[[], Any], repeats: int = 15) -> float:
    """Return the shortest time of several runs, since other programs only make a run slower."""
    times = []
    with _one_thread():
        for _ in range(repeats):
            start = time.perf_counter()
            compute()
            times.append(time.perf_counter() - start)
    return min(times)


def _one_thread() -> AbstractContextManager[Any]:
    """Limit BLAS to one thread: several would wait for each other if other programs run."""
    try:
        limits = import_module("threadpoolctl").threadpool_limits
    except ImportError:
        return nullcontext()
    manager: AbstractContextManager[Any] = limits(1)
    return manager
