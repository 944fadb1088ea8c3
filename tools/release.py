"""Build everything that students get: the checks' zip file and the released notebooks.

    python -m tools.release

The public cases are computed, `public_tests` is packed into one zip file, every assignment's text
is built into its notebook, and nbgrader makes the student's version of it in `release/`.
"""

import argparse
import hashlib
import io
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from rich.console import Console
from rich.progress import track

from exercises import EXERCISES
from exercises._stored import to_store
from public_tests._storage import SUFFIX
from tools.course import (
    ROOT,
    assignments,
    lessons,
    nbgrader_api,
    nbgrader_step,
    reason,
    write_if_changed,
)
from tools.notebooks import (
    EditedNotebook,
    build_lesson,
    build_notebook,
    refuse_if_edited,
    to_bytes,
)

__all__ = ["build_lessons", "build_public_tests", "build_source", "main", "packages", "release"]

console = Console(stderr=True, highlight=False, soft_wrap=True)


def build_cases(root: Path = ROOT) -> None:
    """Bring `public_tests/cases/` up to date: what is stored of an unchanged definition stays."""
    folder = root / "public_tests" / "cases"
    for name, exercise in EXERCISES.items():
        path = folder / f"{name}{SUFFIX}"
        write_if_changed(path, to_store(exercise, path.read_bytes() if path.exists() else b""))
    for path in folder.iterdir():
        if path.name.removesuffix(SUFFIX) not in EXERCISES:
            path.unlink()


def build_public_tests(root: Path = ROOT) -> tuple[str, bytes]:
    """Bring the stored cases up to date and pack the package: the zip's name and bytes."""
    build_cases(root)
    folder = root / "public_tests"
    return _pack(folder, [*folder.glob("*.py"), *folder.glob(f"cases/*{SUFFIX}")])


def build_convnet(root: Path = ROOT) -> tuple[str, bytes]:
    """Pack what lessons import of `convnet`: the zip's name and bytes.

    Without the modules that hold the solutions of graded exercises as they are taught.
    """
    folder = root / "convnet"
    modules = [path for path in folder.glob("*.py") if path.name not in ("loops.py", "by_hand.py")]
    return _pack(folder, [*modules, *folder.glob("weights/*.h5"), *folder.glob("histories/*.json")])


def _pack(folder, paths):
    """A zip file of a package, named by its content's hash.

    Entries are sorted, not compressed and without dates, so the same content gives the same bytes
    everywhere.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(paths):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix())
            entry.create_system = 3  # as made on Unix, wherever it is made
            archive.writestr(entry, path.read_bytes())
    data = out.getvalue()
    return f"{folder.name}-{hashlib.sha256(data).hexdigest()[:12]}.zip", data


def build_source(name: str, zip_name: str, data: bytes, root: Path = ROOT) -> None:
    """Build `source/NAME/`, the notebook and the checks' zip, from `source/NAME.py`.

    raises: EditedNotebook where the built notebook holds edits
    """
    folder = root / "source" / name
    notebook = build_notebook(name, zip_name, hashlib.sha256(data).hexdigest(), root)
    path = folder / f"{name}.ipynb"
    refuse_if_edited(path, notebook)
    write_if_changed(path, to_bytes(notebook))
    for old in folder.glob("public_tests-*.zip"):
        if old.name != zip_name:
            old.unlink()
    write_if_changed(folder / zip_name, data)


def packages(root: Path = ROOT) -> dict[str, tuple[str, str]]:
    """Put what lessons import into release/: for each package its file and that file's checksum."""
    found = {"public_tests": build_public_tests(root), "convnet": build_convnet(root)}
    for name, data in found.values():
        # Every zip ever released stays: a notebook saved last year asks for it by name.
        write_if_changed(root / "release" / name, data)
    return {
        package: (name, hashlib.sha256(data).hexdigest()) for package, (name, data) in found.items()
    }


def build_lessons(root: Path = ROOT) -> list[str]:
    """Build every lesson's notebook in course/; returns the names of those that failed."""
    failed, names = [], lessons(root)
    found = packages(root) if names else {}
    for name in names:
        path = root / "course" / f"{name}.ipynb"
        try:
            notebook = build_lesson(name, found, root)
            refuse_if_edited(path, notebook)
        except (EditedNotebook, ValueError) as error:
            failed.append(name)
            console.print(f"{name} was not built: {error}", style="red", markup=False)
            continue
        write_if_changed(path, to_bytes(notebook))
    return failed


def release(root: Path = ROOT) -> list[str]:
    """Build lessons, build and release assignments; returns the names of those that failed."""
    failed = build_lessons(root)
    zip_name, data = build_public_tests(root)
    write_if_changed(root / "release" / zip_name, data)
    api = nbgrader_api(root)
    names = assignments(root)
    shown = track(
        names,
        "Building the notebooks",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    for name in shown:
        try:
            build_source(name, zip_name, data, root)
        except (EditedNotebook, ValueError) as error:
            failed.append(name)
            console.print(f"{name} was not built: {error}", style="red", markup=False)
            continue
        problem = _generate(api, root, name)
        if problem:
            failed.append(name)
            console.print(f"{name} was not released: {problem}.", style="red", markup=False)
    return failed


def _generate(api, root, name) -> str:
    """Make the student's version of an assignment with nbgrader; returns what went wrong, or "".

    nbgrader removes the last release before it tries: where it fails, that is put back.
    """
    target = root / "release" / name
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / name
        if target.exists():
            shutil.copytree(target, kept)
        problem = "it was interrupted"
        try:
            log = nbgrader_step(api.generate_assignment, name, force=True, create=True)
            problem = reason(log) if log else ""
        finally:
            if problem and kept.exists():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(kept, target)
    return problem


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.release",
        description="Build the notebooks from their texts, and from those what students get.",
    )
    parser.parse_args(arguments)
    failed = release()
    if failed:
        console.print(f"Not released: {', '.join(failed)}", style="red")
        return 1
    console.print(f"release/ is up to date: {', '.join(assignments())}")
    if lessons():
        console.print(f"course/ is up to date: {', '.join(lessons())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
