"""Build everything that students get: the released notebooks, and the file that lessons import.

    python -m tools.release

The stored cases of exercises whose definition has changed are computed, every assignment's text is
built into its notebook, which carries its checks, and nbgrader makes the student's version of it in
`release/`.
"""

import argparse
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
    BUNDLE,
    ROOT,
    assignments,
    lessons,
    nbgrader_api,
    nbgrader_step,
    reason,
    set_address,
    write_if_changed,
)
from tools.notebooks import (
    EditedNotebook,
    build_lesson,
    build_notebook,
    refuse_if_edited,
    to_bytes,
)

__all__ = ["build_bundle", "build_cases", "build_lessons", "build_source", "main", "release"]

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


def build_bundle(root: Path = ROOT) -> None:
    """Pack what lessons import into one file in `release/`, by a name that stays.

    Without the modules of `convnet` that hold the solutions of graded exercises as they are taught.
    Entries are sorted, not compressed and without dates: the same content, the same bytes.
    """
    build_cases(root)
    convnet, checks = root / "convnet", root / "public_tests"
    taught = [convnet / "loops.py", convnet / "by_hand.py"]
    paths = [path for path in convnet.glob("*.py") if path not in taught]
    paths += [*convnet.glob("weights/*.h5"), *convnet.glob("histories/*.json")]
    paths += [*checks.glob("*.py"), *checks.glob(f"cases/*{SUFFIX}")]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(paths):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
            entry.create_system = 3  # as made on Unix, wherever it is made
            archive.writestr(entry, path.read_bytes())
    write_if_changed(root / "release" / BUNDLE, out.getvalue())


def build_source(name: str, root: Path = ROOT) -> None:
    """Build `source/NAME/NAME.ipynb` from `source/NAME.py`.

    raises: EditedNotebook where the built notebook holds edits
    """
    path = root / "source" / name / f"{name}.ipynb"
    notebook = build_notebook(name, root)
    refuse_if_edited(path, notebook)
    write_if_changed(path, to_bytes(notebook))
    for old in path.parent.glob("public_tests-*.zip"):  # which earlier builds put beside it
        old.unlink()


def build_lessons(root: Path = ROOT) -> list[str]:
    """Build every lesson's notebook in course/; returns the names of those that failed."""
    failed, names = [], lessons(root)
    if names:
        build_bundle(root)
    for name in names:
        path = root / "course" / f"{name}.ipynb"
        try:
            notebook = build_lesson(name, root)
            refuse_if_edited(path, notebook)
        except (EditedNotebook, ValueError) as error:
            failed.append(name)
            console.print(f"{name} was not built: {error}", style="red", markup=False)
            continue
        write_if_changed(path, to_bytes(notebook))
    return failed


def release(root: Path = ROOT) -> list[str]:
    """Build lessons, build and release assignments; returns the names of those that failed."""
    build_cases(root)
    failed = build_lessons(root)
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
            build_source(name, root)
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
    parser.add_argument(
        "--address", help="where release/ is on the web; it is written into pyproject.toml"
    )
    new = parser.parse_args(arguments).address
    if new:
        try:
            set_address(new)
        except ValueError as error:
            parser.error(str(error))
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
