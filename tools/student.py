"""Write a repository that holds only what students may see.

    python -m tools.student DEST

For instructors who keep `source/` and `exercises/` private: the released notebooks, the lessons and
the checks go to DEST, which can be published. Writing again brings DEST up to date; a git history
that was begun there stays. `--only` publishes the course step by step.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from exercises import EXERCISES
from tools.course import (
    BUNDLE,
    ROOT,
    address,
    assignments,
    course_notebooks,
    lessons,
    set_solutions,
    solutions,
)
from tools.release import add_solutions_option, bundle, release
from tools.syllabus import assignment_table, milestone_table, steps

__all__ = ["given_answers", "main", "write_student_repository"]

TITLE = "# Convolutional networks, step by step"
README = """\
{title}

Lessons in `course/`, and notebooks in `release/` that build a convolutional network in NumPy, one
function at a time. Every function is checked as soon as you have written it, and the check says
what went wrong. [course/README.md](course/README.md) says what needs what, and which notebook goes
with which lesson.

{assignments}

- **In Colab**: open a notebook here and press the badge at its top. Nothing needs to be installed.
- **On your computer**: with Python 3.11 or newer, `pip install jupyterlab matplotlib numpy
  scikit-learn h5py pooch tqdm`, then
  `jupyter lab`. Conda users: `conda env create -f environment.yml`.

Each notebook in `release/` holds its own checks and needs nothing beside it. Lessons that are
opened elsewhere fetch `release/lessons.zip`. `public_tests/` is for notebooks of the published
assignment.
Code: BSD-3-Clause (LICENSE). Text and figures: CC BY 4.0 (LICENSE-prose.md).
"""
TABLE = """\
| assignment | what you build |
|---|---|
"""
GITIGNORE = "__pycache__/\n.ipynb_checkpoints/\n"
FILES = ("LICENSE", "LICENSE-prose.md", "environment.yml")
MILESTONES = "milestones"
LINK = re.compile(r"(?<!!)\[([^][]*)\]\(([^)\s]+)\)")

console = Console(stderr=True, highlight=False, soft_wrap=True)


def write_student_repository(
    destination: Path, root: Path = ROOT, names: Collection[str] = ()
) -> None:
    """
    Write or update the students' repository.

    What was published before is brought up to date, solutions taken out again among it. Links to
    what is not published become plain text.

    Parameters
    ----------
    destination : Path
        A new or empty folder, or one written before.
    root : Path
        The course.
    names : collection of str
        The assignments and lessons to publish; all where empty. The lessons before them on the
        path, and the milestones, come with them; the checks are those of their exercises.

    Raises
    ------
    ValueError
        `destination` holds something else, or lies inside this repository.
    """
    _refuse_foreign(destination, root)
    published = _published(destination) | _chosen(names, root)
    asked = _exercises(published, root)
    destination.mkdir(parents=True, exist_ok=True)
    left_out = {f"{name}.ipynb" for name in course_notebooks(root)} - {
        f"{name}.ipynb" for name in published
    }
    if (root / "course").is_dir():
        # Not the texts, with the exercises' solutions, and what the lessons' bundle holds.
        _replace(root / "course", destination / "course", "*.py", "lesson_tools", *left_out)
    if (root / "public_tests").is_dir():
        unasked = {f"{name}.cases" for name in EXERCISES if name not in asked}
        _replace(root / "public_tests", destination / "public_tests", *unasked)
    there = [name for name in assignments(root) if name in published]
    for name in there:
        _replace(root / "release" / name, destination / "release" / name)
    (destination / "release").mkdir(exist_ok=True)
    (destination / "release" / BUNDLE).write_bytes(bundle(root, asked))
    for name in FILES:
        shutil.copy(root / name, destination)
    text = README.format(title=TITLE, assignments=_listed(there, root))
    (destination / "README.md").write_text(text, encoding="utf-8")
    (destination / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
    for path in (*destination.glob("course/*"), *destination.glob("public_tests/*.md")):
        _unlink(path)


def given_answers(names: Collection[str], root: Path = ROOT) -> Iterator[tuple[str, str, str]]:
    """Of some assignments, which gives the answer of which exercise, and which asks for it."""
    ids = {name: _ids(name, root) for name in assignments(root) if name in names}
    for giving, given in ids.items():
        for asking, asked in ids.items():
            for exercise in sorted(asked & EXERCISES.keys()):
                if f"{exercise}_given" in given:
                    yield giving, exercise, asking


def _chosen(names: Collection[str], root: Path) -> set[str]:
    """The notebooks that are named, and what comes before the last of them in `course/`."""
    everything = {*assignments(root), *course_notebooks(root)}
    if not names:
        return everything
    path, last = steps(root), 0
    for name in names:
        # What is on no path holds exercises of several assignments, and is done with the last.
        on_path = {name, *(EXERCISES[one].assignment for one in _exercises({name}, root))}
        last = max(last, *(path.index(step) for step in path if step in on_path))
    before = set(path[: last + 1])
    notebooks = before & set(course_notebooks(root))
    return {*names} | notebooks | ({MILESTONES} if before & milestone_table(root).keys() else set())


def _published(destination: Path) -> set[str]:
    """The notebooks that are in the repository."""
    return {
        path.stem
        for place in ("course", "release/*")
        for path in destination.glob(f"{place}/*.ipynb")
    }


def _exercises(names: Collection[str], root: Path) -> set[str]:
    """The graded exercises in some notebooks."""
    found = (_ids(name, root) for name in assignments(root) if name in names)
    return set().union(*found) & EXERCISES.keys()


def _ids(assignment: str, root: Path) -> set[str]:
    path = root / "release" / assignment / f"{assignment}.ipynb"
    return {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}


def _listed(there: Sequence[str], root: Path) -> str:
    """The table of the assignments, in the README's order; nothing where there are none."""
    if not there:
        return ""
    titles = assignment_table(root)
    ordered = [name for name in titles if name in there]
    ordered += [name for name in there if name not in titles]
    return TABLE + "\n".join(
        f"| [{name}](release/{name}/{name}.ipynb) | {titles.get(name, '')} |" for name in ordered
    )


def _unlink(path: Path) -> None:
    """Make links of a text or notebook plain text where there is no such file."""

    def unlinked(text: str) -> str:
        return LINK.sub(lambda link: link[0] if there(link[2]) else link[1], text)

    def there(target: str) -> bool:
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
        raise ValueError(f"{destination} is a file; expected a folder to write to.")
    place, here = destination.resolve(), root.resolve()
    if place.is_relative_to(here) and not place.is_relative_to(here / "student"):
        raise ValueError(
            f"{destination} is this repository itself, or lies in it: name another folder."
        )
    present = {path.name for path in destination.glob("*")}
    readme = destination / "README.md"
    ours = readme.is_file() and readme.read_text().startswith(TITLE)
    if present - {".git"} and not ours:
        raise ValueError(
            f"{destination} holds files that were not written by this command "
            f"({', '.join(sorted(present)[:4])}): name an empty folder, or one written before."
        )


def _replace(source: Path, target: Path, *unwanted: str) -> None:
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*", *unwanted))


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Returns 0 where the repository was written, 1 where it was not."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.student",
        description="Write a repository of what students may see: release, lessons and checks.",
    )
    parser.add_argument("destination", metavar="DEST", type=Path, help="an empty or earlier folder")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=[*assignments(root), *lessons(root)],
        metavar="NOTEBOOK",
        help="publish these assignments or lessons, and the lessons before them on the path (what "
        "is there already stays); all by default",
    )
    add_solutions_option(parser)
    options = parser.parse_args(arguments)
    try:
        if options.solutions:
            set_solutions(options.solutions, root)
        solutions(root)  # raises where the setting has a value that means nothing
    except ValueError as error:
        parser.error(str(error))
    if release(root):
        return 1
    try:
        write_student_repository(options.destination, root, options.only)
    except (ValueError, OSError) as error:
        console.print(f"Nothing was written: {error}", style="red", markup=False)
        return 1
    console.print(f"{options.destination} holds what students may see, ready to be published.")
    for giving, exercise, asking in given_answers(_published(options.destination), root):
        console.print(f"{giving} gives the answer of {exercise}, which {asking} asks for.")
    if solutions(root) == "everywhere":
        console.print("Its notebooks hold solutions, for those who learn alone.")
    console.print(f"Its lessons, opened elsewhere, fetch {BUNDLE} from {address(root)}")
    console.print(
        "If it will be served elsewhere: make release ADDRESS=https://..., then run this again.",
        markup=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
