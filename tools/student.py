"""Write a repository that contains only what students may see.

    python -m tools.student DEST

For instructors who keep `source/` and `exercises/` private: this writes the released notebooks, the
lessons and the checks to DEST, which can be published. Running it again updates DEST and keeps its
git history. `--only` publishes the course step by step.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from exercises import EXERCISES
from nbexercise.building.filling import SOURCE
from tools.console import console
from tools.course import (
    BUNDLE,
    ENGINE,
    FOR_AUTHORS,
    ROOT,
    address,
    assignments,
    bundle_digest,
    course_notebooks,
    lessons,
    set_solutions,
    solutions,
    source_address,
)
from tools.release import add_solutions_option, bundle, release
from tools.syllabus import assignment_table, milestone_table, steps

__all__ = ["given_answers", "main", "write_student_repository"]

TITLE = "# Convolutional networks, step by step"
README = """\
{title}

The lessons are in `course/`. With the notebooks in `release/`, you build a convolutional network in
NumPy, one function at a time. As soon as you have written a function, you can check it, and the
check tells you what is wrong. [course/README.md](course/README.md) lists the prerequisites of each
lesson and the notebook that goes with it.

{assignments}

- **In Colab**: open a notebook here and click the badge at the top. You don't have to install
  anything.
- **On your computer**: you need Python 3.11 or newer. Run `pip install jupyterlab matplotlib numpy
  scikit-learn h5py pooch tqdm`, then `jupyter lab`. With conda, you can create the environment with
  `conda env create -f environment.yml` instead.

Each notebook in `release/` contains its own checks and needs no other file. Lessons that are opened
elsewhere download `release/lessons.zip`. The folders `public_tests/` and `nbexercise/` are for
notebooks of the published assignment.

Code: BSD-3-Clause (LICENSE). Text and figures: CC BY 4.0 (LICENSE-prose.md).
"""
TABLE = """\
| assignment | what you write |
|---|---|
"""
GITIGNORE = "__pycache__/\n.ipynb_checkpoints/\n"
FILES = ("LICENSE", "LICENSE-prose.md", "environment.yml")
MILESTONES = "milestones"
LINK = re.compile(r"(?<!!)\[([^][]*)\]\(([^)\s]+)\)")


def write_student_repository(
    destination: Path, root: Path = ROOT, names: Collection[str] = ()
) -> None:
    """Write or update the students' repository.

    Files that were published before are updated, including solutions to be removed. Links to
    unpublished files become plain text.

    Parameters
    ----------
    destination
        A new or empty folder, or an earlier students' repository.
    root
        Root of the course.
    names
        Assignments and lessons to publish; all if empty. Lessons before them on the path and the
        milestones are included; the checks are those of the published exercises.

    Raises
    ------
    ValueError
        If `destination` contains other files, or is inside this repository.
    """
    _refuse_foreign(destination, root)
    published = _published(destination) | _chosen(names, root)
    asked = _exercises(published, root)
    destination.mkdir(parents=True, exist_ok=True)
    left_out = {f"{name}.ipynb" for name in course_notebooks(root)} - {
        f"{name}.ipynb" for name in published
    }
    if (root / "course").is_dir():
        # Omits the texts, which contain solutions, their running times, and the modules, which are
        # in the lessons' archive.
        own = ("*.py", "*.json", "lesson_tools")
        _replace(root / "course", destination / "course", *own, *left_out)
    if (root / "public_tests").is_dir():
        unasked = {f"{name}.cases" for name in EXERCISES if name not in asked}
        _replace(root / "public_tests", destination / "public_tests", *unasked)
        _replace(root / ENGINE, destination / "nbexercise", *FOR_AUTHORS)
    there = [name for name in assignments(root) if name in published]
    for name in there:
        _replace(root / "release" / name, destination / "release" / name)
    (destination / "release").mkdir(exist_ok=True)
    (destination / "release" / BUNDLE).write_bytes(bundle(root, asked))
    _expect(bundle_digest(destination), bundle_digest(root), destination)
    for name in FILES:
        shutil.copy(root / name, destination)
    text = README.format(title=TITLE, assignments=_listed(there, root))
    (destination / "README.md").write_text(text, encoding="utf-8")
    (destination / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
    for path in (*destination.glob("course/*"), *destination.glob("public_tests/*.md")):
        _unlink(path)


def given_answers(names: Collection[str], root: Path = ROOT) -> Iterator[tuple[str, str, str]]:
    """Yield (assignment, exercise, other assignment) where the first reveals the other's answer."""
    ids = {name: _ids(name, root) for name in assignments(root) if name in names}
    for revealing, given in ids.items():
        for asking, asked in ids.items():
            for exercise in sorted(asked & EXERCISES.keys()):
                if f"{exercise}_given" in given:
                    yield revealing, exercise, asking


def _chosen(names: Collection[str], root: Path) -> set[str]:
    """Return the named notebooks, and the notebooks of `course/` before the last of them."""
    everything = {*assignments(root), *course_notebooks(root)}
    if not names:
        return everything
    path, last = steps(root), 0
    for name in names:
        # An assignment outside the path combines several others, and comes after the last of them.
        on_path = {name, *(EXERCISES[exercise].assignment for exercise in _exercises({name}, root))}
        last = max(last, *(path.index(step) for step in path if step in on_path))
    before = set(path[: last + 1])
    notebooks = before & set(course_notebooks(root))
    return {*names} | notebooks | ({MILESTONES} if before & milestone_table(root).keys() else set())


def _published(destination: Path) -> set[str]:
    """Return the names of the notebooks in the repository."""
    return {
        path.stem
        for place in ("course", "release/*")
        for path in destination.glob(f"{place}/*.ipynb")
    }


def _exercises(names: Collection[str], root: Path) -> set[str]:
    """Return the graded exercises of some notebooks."""
    ids = (_ids(name, root) for name in assignments(root) if name in names)
    return set().union(*ids) & EXERCISES.keys()


def _ids(assignment: str, root: Path) -> set[str]:
    path = root / "release" / assignment / f"{assignment}.ipynb"
    return {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}


def _listed(there: Sequence[str], root: Path) -> str:
    """Return the table of the assignments in the syllabus's order, or ""."""
    if not there:
        return ""
    titles = assignment_table(root)
    for name in there:
        if name not in titles:  # it combines others
            parts = {EXERCISES[exercise].assignment for exercise in _exercises({name}, root)}
            listed = ", ".join(part for part in titles if part in parts)
            titles[name] = f"the functions of {listed}"
    return TABLE + "\n".join(
        f"| [{name}](release/{name}/{name}.ipynb) | {title} |"
        for name, title in titles.items()
        if name in there
    )


def _expect(digest: str, built: str, destination: Path) -> None:
    """Replace the SHA-256 that the notebooks were built with, so that they accept their archive."""
    for path in destination.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8").replace(built, digest)
        path.write_text(text.replace(built[:12], digest[:12]), encoding="utf-8")


def _unlink(path: Path) -> None:
    """Turn links to missing files into plain text, in a Markdown file or notebook."""

    def unlinked(text: str) -> str:
        return LINK.sub(lambda link: link[0] if exists(link[2]) else link[1], text)

    def exists(target: str) -> bool:
        parts = urlsplit(target)
        return bool(parts.scheme or not parts.path) or (path.parent / parts.path).exists()

    text = path.read_text(encoding="utf-8") if path.suffix in {".md", ".ipynb"} else ""
    if path.suffix == ".ipynb":
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = unlinked("".join(cell["source"])).splitlines(keepends=True)
        new = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    else:
        new = unlinked(text)
    if new != text:
        path.write_text(new, encoding="utf-8")


def _refuse_foreign(destination: Path, root: Path) -> None:
    if destination.exists() and not destination.is_dir():
        raise ValueError(f"{destination} is a file; expected a folder.")
    place, here = destination.resolve(), root.resolve()
    if place.is_relative_to(here) and not place.is_relative_to(here / "student"):
        raise ValueError(
            f"{destination} is this repository or a folder in it: choose a folder outside it, or "
            "student/."
        )
    present = {path.name for path in destination.glob("*")}
    readme = destination / "README.md"
    ours = readme.is_file() and readme.read_text().startswith(TITLE)
    if present - {".git"} and not ours:
        raise ValueError(
            f"{destination} contains files that this command did not write "
            f"({', '.join(sorted(present)[:4])}): choose an empty folder or an earlier copy."
        )


def _replace(source: Path, target: Path, *unwanted: str) -> None:
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*", *unwanted))


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return 0 if the repository was written, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.student",
        description="Write a repository that contains only what students may see: the released "
        "notebooks, the lessons and the checks.",
    )
    parser.add_argument(
        "destination", metavar="DEST", type=Path, help="an empty folder or an earlier copy"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=[*assignments(root), *lessons(root)],
        metavar="NOTEBOOK",
        help="publish these assignments or lessons, and the lessons before them, in addition to "
        "those published earlier [all]",
    )
    add_solutions_option(parser)
    options = parser.parse_args(arguments)
    try:
        if options.solutions:
            set_solutions(options.solutions, root)
        solutions(root)  # raises ValueError if the setting is invalid
    except ValueError as error:
        parser.error(str(error))
    try:
        if release(root):
            return 1
        write_student_repository(options.destination, root, options.only)
    except (ValueError, OSError) as error:
        console.print(f"Cannot write the repository: {error}", style="red", markup=False)
        return 1
    console.print(f"{options.destination} is ready to be published.")
    for revealing, exercise, asking in given_answers(_published(options.destination), root):
        console.print(f"{revealing} reveals the answer to {exercise} in {asking}.")
    if solutions(root) == "everywhere":
        console.print("Its notebooks contain solutions for self-study.")
    elif source_address(root) == SOURCE:
        warning = (
            f"Its notebooks link to the official repository, which has the solutions: {SOURCE}"
        )
        console.print(warning, style="yellow", markup=False)
    console.print(f"Lessons opened outside the repository download {BUNDLE} from {address(root)}.")
    console.print(
        "To serve it from another address: run make release ADDRESS=https://..., then run this "
        "command again.",
        markup=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
