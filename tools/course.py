"""The course's paths and settings, and nbgrader's API configured with them."""

import difflib
import functools
import hashlib
import os
import posixpath
import re
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nbexercise.notebook import LEFT_OUT

__all__ = [
    "BUNDLE",
    "DETAILS",
    "ENGINE",
    "FOR_AUTHORS",
    "ROOT",
    "SOLUTIONS",
    "address",
    "assignments",
    "bundle_digest",
    "course_notebooks",
    "gradebook_name",
    "grader_packages",
    "kept_bundle",
    "lessons",
    "nbgrader_api",
    "nbgrader_step",
    "pinned_bundle",
    "published",
    "reason",
    "set_address",
    "site_address",
    "source_address",
    "set_solutions",
    "solutions",
    "write_if_changed",
]

ROOT = Path(__file__).resolve().parent.parent
DETAILS = "grading.txt"  # points and diagnosis of every exercise, written by `make grade`
GITHUB_FILES = "https://raw.githubusercontent.com/"
SETTINGS = ("address", "solutions")  # keys of [tool.course] in pyproject.toml
SOLUTIONS = ("nowhere", "site", "everywhere")
OTHERS = ("bonus", "milestones", "project_page")  # notebooks in course/ that are no lessons
# Folder of the package nbexercise, and what only authors of exercises need of it.
ENGINE = "nbexercise/src/nbexercise"
FOR_AUTHORS = {*LEFT_OUT} - {"notebook.py", "report.py"}  # unlike a notebook, lessons have these
BUNDLE = "lessons.zip"  # in release/: the packages that lessons import


def assignments(root: Path = ROOT) -> list[str]:
    """Return the names of the assignments in `source/`."""
    return sorted(path.stem for path in (root / "source").glob("*.py"))


def lessons(root: Path = ROOT) -> list[str]:
    """Return the names of the lessons in `course/`, in reading order."""
    return sorted(path.stem for path in (root / "course").glob("[0-9]*.py"))


def course_notebooks(root: Path = ROOT) -> list[str]:
    """Return the names of the notebooks in `course/`: the lessons, then those without a number."""
    others = [name for name in OTHERS if (root / "course" / f"{name}.py").exists()]
    return [*lessons(root), *others]


def address(root: Path = ROOT) -> str:
    """Return the web address of `release/`, from which a single notebook downloads its packages."""
    course = _settings(root)
    if "address" not in course:
        raise ValueError(
            "pyproject.toml: [tool.course] does not set the web address of release/: add a line "
            'such as address = "https://example.org/release"'
        )
    return course["address"].rstrip("/")


def published(place: str, root: Path = ROOT) -> str:
    """Return the path of a file on GitHub, as OWNER/NAME/blob/BRANCH/FILE.

    Return "" if the course is not served from GitHub.

    Parameters
    ----------
    place
        Path of the file, relative to release/.
    """
    parts = address(root).removeprefix(GITHUB_FILES).split("/", 3)
    if not address(root).startswith(GITHUB_FILES) or len(parts) < 4:
        return ""
    owner, repository, branch, folder = parts
    return f"{owner}/{repository}/blob/{branch}/{posixpath.normpath(f'{folder}/{place}')}"


def bundle_digest(root: Path = ROOT) -> str:
    """Return the SHA-256 of the archive of the packages that lessons import, in hexadecimal."""
    return hashlib.sha256((root / "release" / BUNDLE).read_bytes()).hexdigest()


def kept_bundle(digest: str) -> str:
    """Return the name under which a downloaded archive is stored; its stem is a tag on GitHub."""
    return BUNDLE.replace(".", f"-{digest[:12]}.")


def pinned_bundle(root: Path = ROOT) -> str:
    """Return an address at which the present archive stays, or the newest one's address.

    On GitHub it is that of the tag which `scripts/commit-notebooks` sets.
    """
    if not (place := published(BUNDLE, root)):
        return f"{address(root)}/{BUNDLE}"
    owner, repository, _, _, *path = place.split("/")
    tag = kept_bundle(bundle_digest(root)).partition(".")[0]
    return GITHUB_FILES + "/".join([owner, repository, tag, *path])


def source_address(root: Path = ROOT) -> str:
    """Return the web address of the course's source: its repository, if it is on GitHub."""
    parts = published("..", root).split("/")
    if len(parts) > 1:
        return f"https://github.com/{parts[0]}/{parts[1]}"
    return address(root).removesuffix("/release")


def gradebook_name(db_url: str, root: Path = ROOT) -> str:
    """Return the gradebook's file, or its database address without the password."""
    import sqlalchemy as sql  # not installed in every environment

    url = sql.make_url(db_url)
    if url.get_backend_name() != "sqlite":
        return url.render_as_string(hide_password=True)
    path = Path(url.database or "")
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def grader_packages(root: Path = ROOT) -> str:
    """Return the versions of Python and of the packages that grade, for students to read.

    Raises
    ------
    ValueError
        If pyproject.toml or requirements.lock does not state one of them.
    """
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = re.fullmatch(r">=(\d+\.\d+)", project["requires-python"])
    numpy, matplotlib = (
        re.findall(rf"^{name}==([^ ]+)", lock, re.MULTILINE) for name in ("numpy", "matplotlib")
    )
    if not python or len(numpy) != 1 or len(matplotlib) != 1:
        raise ValueError(
            'expected a requires-python such as ">=3.11" in pyproject.toml, not '
            f"{project['requires-python']!r}, and one version of numpy and of matplotlib in "
            f"requirements.lock, not {numpy} and {matplotlib}: run `make lock`"
        )
    return f"Python {python[1]} or newer, NumPy {numpy[0]} and Matplotlib {matplotlib[0]}"


def site_address(root: Path = ROOT) -> str:
    """Return the site's address on GitHub Pages, or "" if the course is not served from GitHub."""
    parts = published("..", root).split("/")
    return f"https://{parts[0]}.github.io/{parts[1]}/" if len(parts) > 1 else ""


def _settings(root: Path) -> Mapping[str, Any]:
    """Return the table [tool.course] of pyproject.toml.

    Raises
    ------
    ValueError
        If a setting is unknown or not a string.
    """
    return _course_table((root / "pyproject.toml").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=1)  # a build calls it a thousand times
def _course_table(text: str) -> Mapping[str, Any]:
    table: dict[str, Any] = tomllib.loads(text).get("tool", {}).get("course", {})
    for name, value in table.items():
        if name not in SETTINGS:
            meant = difflib.get_close_matches(name, SETTINGS, 1)
            hint = f"; did you mean {meant[0]}?" if meant else ""
            raise ValueError(f"pyproject.toml: [tool.course] has no setting {name}{hint}")
        if not isinstance(value, str):
            raise ValueError(f"pyproject.toml: expected {name} to be a quoted string, not {value}")
    return MappingProxyType(table)


def solutions(root: Path = ROOT) -> str:
    """Return the setting that selects the notebooks with solutions: one of SOLUTIONS."""
    where: str = _settings(root).get("solutions", SOLUTIONS[0])
    if where not in SOLUTIONS:
        expected = ", ".join(map(repr, SOLUTIONS))
        raise ValueError(f"pyproject.toml: solutions: expected one of {expected}, not {where!r}")
    return where


def set_solutions(where: str, root: Path = ROOT) -> None:
    """Store in pyproject.toml which notebooks contain the solutions.

    Raises
    ------
    ValueError
        If the file has no line for the setting.
    """
    _set("solutions", where, root)


def set_address(new: str, root: Path = ROOT) -> None:
    """Store the web address of `release/` in pyproject.toml.

    Another address than before is that of a class, so no notebook contains solutions from then on.

    Raises
    ------
    ValueError
        If `new` is not a web address, or if the file has no line for it.
    """
    if not re.fullmatch(r"https?://[^\s\"\\]+", new):
        raise ValueError(f"expected a web address such as https://example.org/release, not {new!r}")
    if new.rstrip("/") != address(root):
        _set("address", new.rstrip("/"), root)
        if solutions(root) != "nowhere":
            set_solutions("nowhere", root)


def _set(name: str, value: str, root: Path) -> None:
    """Replace a setting of [tool.course] in pyproject.toml."""
    path = root / "pyproject.toml"
    text, number = re.subn(
        rf'^(\[tool\.course\]\n(?:(?:#.*|\w+ = .*)\n)*?{name} = )".*"',
        lambda match: f'{match[1]}"{value}"',
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    if not number:
        raise ValueError(f'pyproject.toml: [tool.course] has no line {name} = "...": add one')
    write_if_changed(path, text.encode())


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write `data` to `path` atomically if its content differs; True if it was written."""
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    os.replace(new, path)
    return True


def nbgrader_api(root: Path = ROOT) -> Any:
    """Return nbgrader's API for the course at `root`, configured by its nbgrader_config.py."""
    from nbgrader.apps import NbGraderAPI

    from nbjudge import load_course

    _, settings = load_course(root)
    settings.config.NbGraderAPI.log_level = "WARN"
    return NbGraderAPI(config=settings.config)


def nbgrader_step(step: Callable[..., dict[str, Any]], *arguments: Any, **options: Any) -> str:
    """Run one step of nbgrader's API, and return "" if it succeeded, else its log.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, which the API itself reports as a failed step.
    """
    from sqlalchemy.exc import SAWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 with SQLAlchemy 2
        result = step(*arguments, **options)
    if result["success"]:
        return ""
    if result["error"].rstrip().rpartition("\n")[2].startswith("KeyboardInterrupt"):
        raise KeyboardInterrupt
    return result.get("log", "") + result["error"]


# Signs of an error in nbgrader's log, and their explanation.
REASONS = {
    "Cannot add or remove cells": "its graded or locked cells are not those of the last release, "
    "and nbgrader cannot change them while the gradebook holds submissions for them. Undo the "
    "change, or begin with a new gradebook: move gradebook.db away, or name another database as "
    "db_url in nbgrader_config.py",
    "DeadKernelError": "the notebook ended Python itself (exit() in a cell, or out of memory)",
    "UnresponsiveKernelError": "a cell ran into an endless loop that could not be interrupted",
}


def reason(log: str) -> str:
    """Return the line of nbgrader's log that explains the failure."""
    for sign, meaning in REASONS.items():
        if sign in log:
            return meaning
    # The last line of each traceback. nbgrader's own exceptions only say that there was an error.
    raised = re.findall(r"^ *([\w.]+(?:Error|Exception|Warning)\b.*)$", log, flags=re.MULTILINE)
    telling = [line for line in raised if "NbGraderException" not in line]
    return (telling or raised or ["nbgrader gave no reason"])[-1]
