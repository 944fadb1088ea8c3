"""What several tests ask of files and cells, how they start programs, and how they wait."""

import os
import time
from pathlib import Path

TRAINED = "trained"  # the cell that trains LeNet: a solution, and graded, and no exercise


def is_written(about: dict) -> bool:
    """Whether nbgrader's metadata are those of an answer that a person grades."""
    return bool(about.get("grade") and about.get("solution"))


def is_function(about: dict) -> bool:
    """Whether nbgrader's metadata are those of the cell of an exercise's function."""
    written = about.get("solution") and not about.get("grade")
    return bool(written and about["grade_id"] != TRAINED)


def environment(root: Path) -> dict[str, str]:
    """The environment for Python in a copy of the repository, without an outer run's settings.

    A copy uses its own nbjudge: the installed one is that of the repository under test.
    """
    outer = ("PYTHONPATH", "MPLBACKEND", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if k not in outer}
    return kept | {"PYTHONPATH": str(root / "nbjudge" / "src")}


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of every file under a folder, by its path there."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def wait_until(true, seconds=30.0):
    """Wait until something is true; returns whether it is."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
