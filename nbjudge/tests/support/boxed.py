"""Functions that a box calls in tests, and a box that can import them."""

import contextlib
import os
import time
from pathlib import Path

from nbjudge.sandbox import launch
from nbjudge.sandbox.box import Box

__all__ = [
    "boxes",
    "double",
    "end",
    "fill",
    "keep",
    "large",
    "refused",
    "sleep",
    "spin",
    "wrong",
]


@contextlib.contextmanager
def boxes(monkeypatch):
    """Yield a box whose processes find the tests."""
    root = str(Path(__file__).parents[2])
    program = f"import sys\nsys.path.append({root!r})\n{launch.PROGRAM}"
    monkeypatch.setattr(launch, "PROGRAM", program)
    with Box() as box:
        yield box


def double(text: str) -> str:
    return 2 * text


def spin() -> str:
    while True:
        pass


def sleep() -> str:
    while True:
        time.sleep(60)


def fill() -> int:
    return len(bytes(3 << 30))


_kept: list[bytes] = []


def keep(size: int) -> int:
    """Keep a value in memory; return the number of values that the reader has kept."""
    _kept.append(bytes(size))
    return len(_kept)


def large() -> str:
    return "a" * (65 << 20)


def end() -> str:
    os._exit(0)


def wrong() -> str:
    return 5


def refused(path: str) -> list[str]:
    """Return what a reader may not do with a path."""
    results = []
    for mode in "ra":
        with contextlib.suppress(FileNotFoundError):
            try:
                open(path, mode).close()
            except PermissionError:
                results.append(mode)
    return results
