"""Build everything that students get: the released notebooks, and the archive that lessons import.

    python -m tools.release

This recomputes the stored cases of exercises whose definition has changed, builds every
assignment's text into a notebook that contains its checks, and has nbgrader write the student's
version to `release/`.
"""

import argparse
import io
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from rich.progress import track

from exercises import EXERCISES, SOURCES
from nbexercise.defining.stored import to_store
from nbexercise.defining.validation import wrong_checks, wrong_kinds
from nbexercise.judging.storage import SUFFIX
from nbjudge import as_sentence
from tools.console import console
from tools.course import (
    BUNDLE,
    ENGINE,
    FOR_AUTHORS,
    ROOT,
    SOLUTIONS,
    assignments,
    course_notebooks,
    nbgrader_api,
    nbgrader_step,
    reason,
    set_address,
    set_solutions,
    solutions,
    write_if_changed,
)
from tools.lesson_times import write_times
from tools.needs_graph import needs_graph
from tools.notebooks import (
    EditedNotebookError,
    build_lesson,
    build_notebook,
    refuse_if_edited,
    to_bytes,
)
from tools.solutions import with_solutions
from tools.stub import stub
from tools.syllabus import lesson_table, syllabus

__all__ = ["NothingReleasedError", "WrongCheckError", "add_solutions_option"]
__all__ += ["build_bundle", "build_cases"]
__all__ += ["build_lessons", "build_needs_graph", "build_stub", "build_syllabus", "build_times"]
__all__ += ["bundle", "generate", "main", "release"]


class NothingReleasedError(ValueError):
    """Raised if a problem of the whole course prevents the release of every assignment."""


class WrongCheckError(NothingReleasedError):
    """Raised for an invalid check or kind, which no function could pass."""


def build_cases(root: Path = ROOT) -> None:
    """Update `public_tests/cases/`; the files of unchanged definitions stay as they are.

    Raises
    ------
    WrongCheckError
        If a check names an unknown kind, group or output, or a kind names an unknown field.
    """
    wrong = [f"{ENGINE}/judging/kinds.py, {problem}" for problem in wrong_kinds()]
    for name, exercise in EXERCISES.items():
        wrong += [f"exercises/{name}.py, {problem}" for problem in wrong_checks(exercise)]
    if wrong:
        raise WrongCheckError("\n".join(wrong))
    folder = root / "public_tests" / "cases"
    for name, exercise in EXERCISES.items():
        path = folder / f"{name}{SUFFIX}"
        stored = path.read_bytes() if path.exists() else b""
        write_if_changed(path, to_store(exercise, SOURCES, stored))
    for path in folder.glob(f"*{SUFFIX}"):
        if path.stem not in EXERCISES:
            path.unlink()


def build_stub(root: Path = ROOT) -> None:
    """Update the type stub of `public_tests`, which editors read."""
    write_if_changed(root / "public_tests" / "__init__.pyi", stub(root).encode())


def build_syllabus(root: Path = ROOT) -> None:
    """Update the syllabus that `progress` reads."""
    if (root / "course" / "README.md").exists():
        write_if_changed(root / "public_tests/course/syllabus.py", syllabus(root).encode())


def build_needs_graph(root: Path = ROOT) -> None:
    """Update the syllabus's graph of the lessons' prerequisites."""
    if (root / "course" / "README.md").exists() and lesson_table(root):
        write_if_changed(root / "course" / "needs.svg", needs_graph(root).encode())


def build_times(root: Path = ROOT) -> None:
    """Update the minutes in the lessons and in the syllabus."""
    if (root / "course" / "README.md").exists():
        write_times(root)


def build_bundle(root: Path = ROOT) -> None:
    """Pack the modules that lessons import into one archive in `release/`, with a fixed name."""
    write_if_changed(root / "release" / BUNDLE, bundle(root))


def bundle(root: Path = ROOT, exercises: Collection[str] | None = None) -> bytes:
    """Return the archive for lessons, with the checks of some exercises, or of all.

    It is reproducible: its entries are sorted, uncompressed and undated.
    """
    library = ("convnet/*.py", "convnet/weights/*", "convnet/samples/*")
    checks = ("public_tests/**/*.py", f"public_tests/cases/*{SUFFIX}")
    kinds = ("py", "css", "js", "json", "npz", "md")  # others are of an interrupted training
    support = [f"lesson_tools/**/*.{kind}" for kind in kinds]
    contents = {root: (*library, *checks), root / "course": support}
    contents[(root / ENGINE).parent] = ["nbexercise/**/*.py"]
    files = {
        path.relative_to(folder).as_posix(): path
        for folder, patterns in contents.items()
        for pattern in patterns
        for path in folder.glob(pattern)
        if exercises is None or path.suffix != SUFFIX or path.stem in exercises
        if not {*path.relative_to(folder).parts} & FOR_AUTHORS
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3  # Unix, on any system
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def build_lessons(root: Path = ROOT) -> list[str]:
    """Build every notebook in course/, and return the names of those that failed."""
    names = course_notebooks(root)
    return [name for name in names if not _built(build_lesson, name, root, f"course/{name}.ipynb")]


def _built(build: Callable[[str, Path], NotebookNode], name: str, root: Path, place: str) -> bool:
    """Build a notebook at its place; print the problem and return False if that fails."""
    try:
        notebook = build(name, root)
        refuse_if_edited(root / place, notebook)
    except (EditedNotebookError, ValueError) as error:
        console.print(f"Cannot build {name}: {error}", style="red", markup=False)
        return False
    write_if_changed(root / place, to_bytes(notebook))
    return True


def release(root: Path = ROOT, with_lessons: bool = True) -> list[str]:
    """Build the lessons, release the assignments, and return the names of failures.

    Parameters
    ----------
    with_lessons
        False to release only the assignments: grading does not need the lessons.

    Raises
    ------
    NothingReleasedError
        If a check is refused, or nbgrader's settings are invalid; no notebook is built.
    """
    names = assignments(root)
    build_cases(root)
    try:
        api = nbgrader_api(root) if names else None
    except ValueError as error:  # from nbgrader_config.py, or the gradebook's server
        raise NothingReleasedError(as_sentence(error)) from None
    build_stub(root)
    build_syllabus(root)
    build_bundle(root)
    failed: list[str] = []
    if with_lessons:
        build_needs_graph(root)
        build_times(root)
        failed = build_lessons(root)
    return [*failed, *_release_each(names, root, api)]


def _release_each(names: Sequence[str], root: Path, api: Any) -> list[str]:
    """Build and release the assignments, and return the names of those that failed."""
    failed: list[str] = []
    progress = track(
        names,
        "Building the notebooks",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    for name in progress:
        if not _built(build_notebook, name, root, f"source/{name}/{name}.ipynb"):
            failed.append(name)
        elif problem := generate(api, root, name):
            failed.append(name)
            console.print(f"Cannot release {name}: {problem}.", style="red", markup=False)
    return failed


def generate(api: Any, root: Path, name: str) -> str:
    """Make the student's version of an assignment with nbgrader; return the problem, or "".

    nbgrader writes to a temporary folder, so the last release stays as it is if nbgrader fails or
    writes the same files.
    """
    target = root / "release" / name
    with tempfile.TemporaryDirectory() as folder:
        api.coursedir.release_directory = folder
        generated = Path(folder, name)
        log = nbgrader_step(api.generate_assignment, name, force=True, create=True)
        if log:
            return reason(log)
        notebook = generated / f"{name}.ipynb"
        if solutions(root) == "everywhere":
            notebook.write_bytes(with_solutions(notebook.read_bytes(), root))
        if _files(generated) != _files(target):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(generated, target)
    return ""


def _files(folder: Path) -> dict[Path, bytes]:
    """Return the contents of a folder's files by their relative paths."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.release",
        description="Build the notebooks from their texts, and release the student versions.",
    )
    parser.add_argument(
        "--address", help="web address of release/, which is stored in pyproject.toml"
    )
    add_solutions_option(parser)
    options = parser.parse_args(arguments)
    try:
        if options.address:
            set_address(options.address)
        if options.solutions:
            set_solutions(options.solutions)
        where = solutions()
    except ValueError as error:
        parser.error(str(error))
    places = {
        "release/": {n: ROOT / "release" / n / f"{n}.ipynb" for n in assignments()},
        "course/": {n: ROOT / "course" / f"{n}.ipynb" for n in course_notebooks()},
    }
    if options.address or options.solutions:
        console.print(f"Notebooks with solutions: {where} (SOLUTIONS={'|'.join(SOLUTIONS)})")
    before = {folder: _contents(places[folder]) for folder in places}
    try:
        failed = release(ROOT)
    except NothingReleasedError as error:
        console.print(f"{error}\nNothing was released.", style="red", markup=False)
        return 1
    for folder, paths in places.items():
        after = _contents(paths)
        written = [name for name in paths if after[name] != before[folder][name]]
        same = [name for name in paths if name not in [*written, *failed]]
        if written:
            console.print(f"{folder} has new notebooks: {', '.join(written)}")
        if same:
            console.print(f"{folder} is unchanged: {', '.join(same)}")
    if failed:
        console.print(f"Not released: {', '.join(failed)}", style="red")
    return 1 if failed else 0


def add_solutions_option(parser: argparse.ArgumentParser) -> None:
    """Add the option --solutions to a command."""
    parser.add_argument(
        "--solutions",
        choices=SOLUTIONS,
        help="which notebooks contain the solutions that solution(...) prints after an attempt; "
        "the choice is stored in pyproject.toml",
    )


def _contents(paths: Mapping[str, Path]) -> dict[str, bytes]:
    """Return the contents of files by name; b"" for a missing file."""
    return {name: path.read_bytes() if path.exists() else b"" for name, path in paths.items()}


if __name__ == "__main__":
    sys.exit(main())
