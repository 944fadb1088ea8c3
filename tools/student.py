"""Write a repository that holds only what students may see.

    python -m tools.student DEST

For instructors who keep `source/` and `exercises/` private: the released notebooks, the lessons and
the checks go to DEST, which can be published. Writing again brings DEST up to date; a git history
that was begun there stays.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tools.course import BUNDLE, ROOT, address, assignments, set_solutions, solutions
from tools.release import add_solutions_option, release

__all__ = ["main", "write_student_repository"]

TITLE = "# Convolutional networks, step by step"
README = """\
{title}

Lessons in `course/`, and notebooks in `release/` that build a convolutional network in NumPy, one
function at a time. Every function is checked as soon as you have written it, and the check says
what went wrong.

`course/README.md` says what needs what, and which notebook goes with which lesson. Without lessons,
start with `release/padding/padding.ipynb`, then single_step, conv_forward, pooling and backprop;
`convolution_step_by_step` holds these five in one notebook. The others need none of these; lenet
takes its images from scikit-learn.

- **In Colab**: open a notebook here and press the badge at its top. Nothing needs to be installed.
- **On your computer**: with Python 3.11 or newer, `pip install jupyterlab matplotlib numpy
  scikit-learn h5py pooch tqdm`, then
  `jupyter lab`. Conda users: `conda env create -f environment.yml`.

Each notebook in `release/` holds its own checks and needs nothing beside it. Lessons that are
opened elsewhere fetch `release/lessons.zip`. `public_tests/` is for notebooks of the published
assignment.
Code: BSD-3-Clause (LICENSE). Text and figures: CC BY 4.0 (LICENSE-prose.md).
"""
GITIGNORE = "__pycache__/\n.ipynb_checkpoints/\n"
FOLDERS = ("course", "public_tests")
FILES = ("LICENSE", "LICENSE-prose.md", "environment.yml")

console = Console(stderr=True, highlight=False, soft_wrap=True)


def write_student_repository(
    destination: Path, root: Path = ROOT, names: Sequence[str] = ()
) -> None:
    """Write or update the students' repository.

    names: the assignments to publish; all where empty. Later ones carry earlier answers as given.
    What was published before is brought up to date, solutions taken out again among it.
    raises: ValueError where `destination` holds something else, or lies inside this repository
    """
    _refuse_foreign(destination, root)
    destination.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        if (root / name).is_dir():
            _replace(root / name, destination / name)
    there = {path.name for path in (destination / "release").glob("*/")}
    for name in assignments(root):
        if names and name not in {*names, *there}:
            continue
        _replace(root / "release" / name, destination / "release" / name)
    shutil.copy(root / "release" / BUNDLE, destination / "release")
    for name in FILES:
        shutil.copy(root / name, destination)
    (destination / "README.md").write_text(README.format(title=TITLE))
    (destination / ".gitignore").write_text(GITIGNORE)


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


def _replace(source: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    unwanted = ["__pycache__", ".*"]
    if source.name == "course":
        # The texts, with the exercises' solutions, and what the lessons' bundle holds.
        unwanted += ["*.py", "lesson_tools"]
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*unwanted))


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
        choices=assignments(root),
        metavar="ASSIGNMENT",
        help="publish these assignments (what is there already stays); all by default",
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
