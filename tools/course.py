"""Where things are, what the course's settings say, and nbgrader's API with them loaded."""

import functools
import os
import posixpath
import re
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = [
    "BUNDLE",
    "DETAILS",
    "ROOT",
    "SOLUTIONS",
    "address",
    "assignments",
    "course_notebooks",
    "gradebook_name",
    "grader_packages",
    "lessons",
    "nbgrader_api",
    "nbgrader_step",
    "published",
    "reason",
    "set_address",
    "site_address",
    "set_solutions",
    "solutions",
    "write_if_changed",
]

ROOT = Path(__file__).resolve().parent.parent
DETAILS = "grading.txt"  # what `make grade` says of every exercise
GITHUB_FILES = "https://raw.githubusercontent.com/"
SETTINGS = ("address", "solutions")  # of [tool.course] in pyproject.toml
SOLUTIONS = ("nowhere", "site", "everywhere")
BUNDLE = "lessons.zip"  # in release/: what lessons import


def assignments(root: Path = ROOT) -> list[str]:
    """The names of the assignments, from the texts in `source/`."""
    return sorted(path.stem for path in (root / "source").glob("*.py"))


def lessons(root: Path = ROOT) -> list[str]:
    """The names of the lessons in reading order, from the texts in `course/`."""
    return sorted(path.stem for path in (root / "course").glob("[0-9]*.py"))


def course_notebooks(root: Path = ROOT) -> list[str]:
    """The names of the notebooks in `course/`: the lessons, and the milestones on their way."""
    others = [name for name in ("milestones",) if (root / "course" / f"{name}.py").exists()]
    return [*lessons(root), *others]


def address(root: Path = ROOT) -> str:
    """The web address of `release/`, from which a lesson on its own fetches what it imports."""
    course = _settings(root)
    if "address" not in course:
        raise ValueError("pyproject.toml: [tool.course] has no address of release/ on the web.")
    return course["address"].rstrip("/")


def published(place: str, root: Path = ROOT) -> str:
    """
    The path of a file of the repository in GitHub's addresses, as OWNER/NAME/blob/BRANCH/FILE; ""
    where the course's address is elsewhere.

    place: where the file is, relative to release/
    """
    parts = address(root).removeprefix(GITHUB_FILES).split("/", 3)
    if not address(root).startswith(GITHUB_FILES) or len(parts) < 4:
        return ""
    owner, repository, branch, folder = parts
    return f"{owner}/{repository}/blob/{branch}/{posixpath.normpath(f'{folder}/{place}')}"


def gradebook_name(db_url: str, root: Path = ROOT) -> str:
    """What to call the gradebook: its file, or its address without the password."""
    import sqlalchemy as sql  # not in every environment

    url = sql.make_url(db_url)
    if url.get_backend_name() != "sqlite":
        return url.render_as_string(hide_password=True)
    path = Path(url.database or "")
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def grader_packages(root: Path = ROOT) -> str:
    """The Python and the packages with which work is graded, as the lock and pyproject.toml say.

    raises: ValueError where one of them does not
    """
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = re.fullmatch(r">=(\d+\.\d+)", project["requires-python"])
    numpy, matplotlib = (
        re.findall(rf"^{name}==([^ ]+)", lock, re.MULTILINE) for name in ("numpy", "matplotlib")
    )
    if not python or len(numpy) != 1 or len(matplotlib) != 1:
        raise ValueError(
            "expected requires-python of pyproject.toml to be such as >=3.11, and one version of "
            "numpy and of matplotlib in requirements.lock"
        )
    return f"Python {python[1]} or newer, NumPy {numpy[0]} and Matplotlib {matplotlib[0]}"


def site_address(root: Path = ROOT) -> str:
    """The web address of the site on GitHub Pages; "" where the course's address is elsewhere."""
    parts = published("..", root).split("/")
    return f"https://{parts[0]}.github.io/{parts[1]}/" if len(parts) > 1 else ""


def _settings(root: Path) -> Mapping[str, Any]:
    """Return the table [tool.course] of pyproject.toml.

    raises: ValueError where it has a setting that nothing reads, or one that is not a text
    """
    return _course_table((root / "pyproject.toml").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=1)  # a build asks a thousand times
def _course_table(text: str) -> Mapping[str, Any]:
    table: dict[str, Any] = tomllib.loads(text).get("tool", {}).get("course", {})
    for name, value in table.items():
        if name not in SETTINGS:
            from nbjudge.wording import did_you_mean, nearest  # not in every environment

            hint = did_you_mean(nearest(name, SETTINGS))
            raise ValueError(f"pyproject.toml: [tool.course] has no setting {name}{hint}")
        if not isinstance(value, str):
            raise ValueError(f"pyproject.toml: expected {name} to be a text in quotes, not {value}")
    return MappingProxyType(table)


def solutions(root: Path = ROOT) -> str:
    """Which notebooks carry solutions for `solution("zero_pad")`: one of SOLUTIONS."""
    where: str = _settings(root).get("solutions", SOLUTIONS[0])
    if where not in SOLUTIONS:
        expected = ", ".join(map(repr, SOLUTIONS))
        raise ValueError(f"pyproject.toml: expected solutions to be one of {expected}; {where!r}.")
    return where


def set_solutions(where: str, root: Path = ROOT) -> None:
    """Write into pyproject.toml which notebooks carry solutions.

    raises: ValueError where the file has no line for it
    """
    _set("solutions", where, root)


def set_address(new: str, root: Path = ROOT) -> None:
    """Write the web address of `release/` into pyproject.toml, where it is read from.

    raises: ValueError where it is none, or where the file has no line for it
    """
    if not re.fullmatch(r"https?://[^\s\"\\]+", new):
        raise ValueError(f"{new!r} is no web address: give one such as https://example.org/release")
    _set("address", new.rstrip("/"), root)


def _set(name: str, value: str, root: Path) -> None:
    """Write a setting of the table [tool.course] where it is read from."""
    path = root / "pyproject.toml"
    text, number = re.subn(
        rf'^(\[tool\.course\]\n(?:(?:#.*|\w+ = .*)\n)*?{name} = )".*"',
        lambda found: f'{found[1]}"{value}"',
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    if not number:
        raise ValueError(f"pyproject.toml: [tool.course] has no line that begins with {name} =.")
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
    "change, or begin with a new gradebook: move gradebook.db away, or name another database as "
    "db_url in nbgrader_config.py",
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
