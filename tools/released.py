"""Find out whether a release would change anything, so that grading can skip it.

A release depends on the files of the course, the installed packages, the settings with the files
and plug-ins that they name, and the assignments in the gradebook. Their hash, and that of the
released files, are stored after a release that has changed nothing and failed nowhere. While they
stay the same, another release would change nothing either.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from nbjudge.plugins.release import release_state
from tools.course import write_if_changed

__all__ = ["is_current", "record", "state"]

STORED = "source/.released"
INPUTS: tuple[str, ...] = ("convnet", "course", "exercises", "nbexercise/src", "nbjudge/src")
INPUTS += ("public_tests", "tools")
FILES = ("nbgrader_config.py", "pyproject.toml", "requirements.lock")


def state(root: Path) -> tuple[str, str] | None:
    """Return hashes of the data that a release reads and of the data that it writes.

    The second one is "" without a usable gradebook. Returns None if the settings cannot be used, or
    if not all files can be hashed.
    """
    try:
        read, written = release_state(root)
        inputs = [*(root / "source").glob("*.py"), *(root / name for name in FILES)]
        for name in INPUTS:
            inputs += (root / name).rglob("*")
        outputs = [*(root / "release").rglob("*"), *(root / "source").glob("*/**/*")]
        return _hash(read, root, inputs), written and _hash(written, root, outputs)
    except (ValueError, OSError):  # a release reports it
        return None


def is_current(root: Path, now: tuple[str, str] | None) -> bool:
    """True if the state is the one that the last release has left."""
    if now is None or not all(now):
        return False
    with contextlib.suppress(OSError):
        return (root / STORED).read_bytes() == " ".join(now).encode()
    return False


def record(root: Path, before: tuple[str, str] | None) -> None:
    """Store the state if a release has not changed it.

    A release that wrote something is not recorded; the next one, which writes the same, is.
    Otherwise, a file that was edited during the release would count as its result.

    Parameters
    ----------
    before
        State before the release.
    """
    after = state(root)
    if after and all(after) and before == after:
        with contextlib.suppress(OSError):  # the next run releases again
            write_if_changed(root / STORED, " ".join(after).encode())


def _hash(digest: str, root: Path, paths: Iterable[Path]) -> str:
    """Return a hash of some files, of their paths, and of another hash."""
    total = hashlib.sha256(digest.encode())
    for path in sorted(paths):
        if "__pycache__" in path.parts:
            continue
        if path.is_symlink() and path.is_dir():
            raise OSError(f"{path}: the files in a linked folder are not listed")
        if path.is_file():
            name, content = os.fsencode(os.path.relpath(path, root)), path.read_bytes()
            total.update(b"%d %d " % (len(name), len(content)) + name + content)
    return total.hexdigest()
