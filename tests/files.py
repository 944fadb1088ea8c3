"""Helpers for several tests: copies of the repository, file contents, and subprocesses."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

ROOT = Path(__file__).parents[1]
TRAINED = "trained"  # the cell that trains LeNet: a graded solution without an exercise


def is_written(about: dict) -> bool:
    """True if nbgrader's metadata belong to a manually graded answer."""
    return bool(about.get("grade") and about.get("solution"))


def is_function(about: dict) -> bool:
    """True if nbgrader's metadata belong to the cell of an exercise's function."""
    written = about.get("solution") and not about.get("grade")
    return bool(written and about["grade_id"] != TRAINED)


def environment(root: Path) -> dict[str, str]:
    """Return Python's environment for a copy of the repository, without an outer run's settings.

    A copy uses its own nbexercise and nbjudge, not the installed ones of the tested repository.
    """
    outer = ("PYTHONPATH", "MPLBACKEND", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if k not in outer}
    packages = (str(root / name / "src") for name in ("nbexercise", "nbjudge"))
    return kept | {"PYTHONPATH": os.pathsep.join(packages)}


def run_python(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Run Python in a copy of the repository, with more variables of its environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment(root) | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def tracked() -> list[Path]:
    """Return the tracked files, and the new files that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = filter(None, listed.stdout.split("\0"))
    return sorted(ROOT / name for name in names if (ROOT / name).is_file())


def copy_repository(destination: Path, wanted: Callable[[Path], bool] = lambda _: True) -> None:
    """Copy the tracked files, and the new files that git does not ignore.

    Parameters
    ----------
    wanted
        Function that tells whether to copy the file at a path in the repository.
    """
    for path in (path.relative_to(ROOT) for path in tracked()):
        if wanted(path):
            (destination / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, destination / path)


def keep_assignments(course: Path, names: Collection[str]) -> None:
    """Keep some assignments and no lessons in a copy of the repository, to release it quickly."""
    for path in (*(course / "source").iterdir(), *(course / "course").glob("[0-9]*")):
        if path.stem not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder, by relative path."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
