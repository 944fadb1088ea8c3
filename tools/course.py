"""Where things are, what the course's settings say, and nbgrader's API with them loaded."""

import os
import re
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = [
    "BUNDLE",
    "ROOT",
    "address",
    "assignments",
    "lessons",
    "nbgrader_api",
    "nbgrader_step",
    "reason",
    "set_address",
    "write_if_changed",
]

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = "lessons.zip"  # in release/: what lessons import


def assignments(root: Path = ROOT) -> list[str]:
    """The names of the assignments, from the texts in `source/`."""
    return sorted(path.stem for path in (root / "source").glob("*.py"))


def lessons(root: Path = ROOT) -> list[str]:
    """The names of the lessons in reading order, from the texts in `course/`."""
    return sorted(path.stem for path in (root / "course").glob("[0-9]*.py"))


def address(root: Path = ROOT) -> str:
    """The web address of `release/`, from which a lesson on its own fetches what it imports."""
    with open(root / "pyproject.toml", "rb") as file:
        course = tomllib.load(file).get("tool", {}).get("course", {})
    if "address" not in course:
        raise ValueError("pyproject.toml: [tool.course] has no address of release/ on the web.")
    return course["address"].rstrip("/")


def set_address(new: str, root: Path = ROOT) -> None:
    """Write the web address of `release/` into pyproject.toml, where it is read from.

    raises: ValueError where it is none, or where the file has no line for it
    """
    if not re.fullmatch(r"https?://[^\s\"\\]+", new):
        raise ValueError(f"{new!r} is no web address: give one such as https://example.org/release")
    path = root / "pyproject.toml"
    text, number = re.subn(
        r'^(\[tool\.course\]\n(?:#.*\n)*)address = ".*"$',
        lambda found: f'{found[1]}address = "{new.rstrip("/")}"',
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    if not number:
        raise ValueError("pyproject.toml: [tool.course] has no line that begins with address =.")
    write_if_changed(path, text.encode())


def write_if_changed(path: Path, data: bytes) -> bool:
    """Put `data` into `path` in one step, unless it is there already; returns whether it wrote."""
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    os.replace(new, path)
    return True


def nbgrader_api(root: Path = ROOT) -> Any:
    """nbgrader's API on the course at `root`, configured by its nbgrader_config.py."""
    from nbgrader.apps import NbGraderAPI

    from nbjudge import load_course

    _, settings = load_course(root)
    settings.config.NbGraderAPI.log_level = "WARN"
    return NbGraderAPI(config=settings.config)


def nbgrader_step(step: Callable[..., dict[str, Any]], *arguments: Any, **options: Any) -> str:
    """Run one step of nbgrader's API: "" where it succeeded, else its log.

    raises: KeyboardInterrupt, which the API itself takes for a failed step
    """
    from sqlalchemy.exc import SAWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 on SQLAlchemy 2
        result = step(*arguments, **options)
    if result["success"]:
        return ""
    if result["error"].rstrip().rpartition("\n")[2].startswith("KeyboardInterrupt"):
        raise KeyboardInterrupt
    return result.get("log", "") + result["error"]


# What nbgrader's log holds, and what it means.
REASONS = {
    "Cannot add or remove cells": "its graded or locked cells are not those of the last release, "
    "and nbgrader cannot change them while the gradebook holds submissions for them. Undo the "
    "change, or begin with a new gradebook: move gradebook.db away",
    "DeadKernelError": "the notebook ended Python itself (exit() in a cell, or out of memory)",
    "UnresponsiveKernelError": "a cell ran into an endless loop that could not be interrupted",
}


def reason(log: str) -> str:
    """The one line of nbgrader's log that says what happened."""
    for sign, meaning in REASONS.items():
        if sign in log:
            return meaning
    # The last line of each traceback; nbgrader's own exceptions only say that there was one.
    raised = re.findall(r"^ *([\w.]+(?:Error|Exception|Warning)\b.*)$", log, flags=re.MULTILINE)
    telling = [line for line in raised if "NbGraderException" not in line]
    return (telling or raised or ["nbgrader gave no reason"])[-1]
