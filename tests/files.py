"""What several tests ask of files and cells, how they start programs, and how they wait."""

import os
import shutil
import subprocess
import time
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).parents[1]
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


def copy_repository(destination: Path) -> None:
    """Copy what is committed or about to be, and nothing that git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, destination / name)


def keep_assignments(course: Path, names: Collection[str]) -> None:
    """Leave some assignments in a copy of the repository, and no lessons: it releases fast."""
    for path in (*(course / "source").iterdir(), *(course / "course").glob("[0-9]*")):
        if path.stem not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


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
