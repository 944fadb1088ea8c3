"""Write `public_tests/course/syllabus.py`, the path through the course, from course/README.md.

Its tables list the lessons in order, the assignments after each lesson, what each assignment asks
for, and the milestones with the exercises that open them.
"""

import re
from pathlib import Path
from typing import NamedTuple

from exercises import EXERCISES
from tools.course import ROOT, published, site_address, solutions

__all__ = [
    "Lesson",
    "assignment_table",
    "lesson_table",
    "milestone_table",
    "steps",
    "syllabus",
]

HEAD = '''\
"""The path through the course. Written by `make release` from the syllabus in course/README.md."""

__all__ = ["ASSIGNMENTS", "LESSONS", "MILESTONES", "PATH", "REPOSITORY", "SITE"]
__all__ += ["SOLUTIONS_ON_SITE"]

'''
LESSON = re.compile(r"^\| (?:\d\d )?\| (?:\[|\*\*).+\|$", re.M)  # a lesson, or the title of a part
ASSIGNMENT = re.compile(r"^\| \[(\w+)\]\(\.\./release/\1/\1\.ipynb\) \| \d+ \| (.+?) \|$", re.M)
MILESTONE = re.compile(r"^\| ([1-9]) \| (.+?) \| ([\w, ]+?) \|$", re.M)
CHECK = re.compile(r'^(?:check\("|public_tests\.check_(?:answer|function)\()', re.M)


class Lesson(NamedTuple):
    """A row of the table in course/README.md."""

    number: str
    title: str
    name: str
    optional: bool
    minutes: str  # "35 + 25": the lesson, and its exercises
    needs: list[str]  # numbers of the lessons to read before this one
    then: list[str]  # assignments to do after this lesson
    part: str  # "Part 1: Convolution"


def lesson_table(root: Path = ROOT) -> list[Lesson]:
    """Return the lessons in the order of course/README.md."""
    text = (root / "course" / "README.md").read_text(encoding="utf-8")
    lessons, part = [], ""
    for row in LESSON.findall(text):
        number, lesson, minutes, needs, then = (column.strip() for column in row.split("|")[1:-1])
        if not number:
            part = lesson.strip("*")
            continue
        title, name, optional = re.findall(r"^\[(.+?)\]\((\w+)\.ipynb\)(.*)", lesson)[0]
        needed = [need for need in needs.split(", ") if re.fullmatch(r"\d\d", need)]
        practice = re.findall(r"\[(\w+)\]", then)
        lessons.append(Lesson(number, title, name, bool(optional), minutes, needed, practice, part))
    return lessons


def milestone_table(root: Path = ROOT) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the milestones by number: the title, and the exercises that open it."""
    text = (root / "course" / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Milestones")[2].partition("\n## ")[0]
    rows = MILESTONE.findall(section)
    return {number: (title, tuple(needs.split(", "))) for number, title, needs in rows}


def assignment_table(root: Path = ROOT) -> dict[str, str]:
    """Return a description of each assignment, in the order of course/README.md."""
    return dict(ASSIGNMENT.findall((root / "course" / "README.md").read_text(encoding="utf-8")))


def steps(root: Path = ROOT) -> list[str]:
    """Return the path through the course: lessons, assignments and milestones.

    Each lesson is followed by the assignments to do after it, and the last assignment that a
    milestone needs by that milestone. Raises ValueError if a milestone needs an unknown exercise.
    """
    path = [step for lesson in lesson_table(root) for step in (lesson.name, *lesson.then)]
    milestones = milestone_table(root)
    for number, (_, needs) in milestones.items():
        unknown = [name for name in needs if name not in EXERCISES]
        if unknown:
            raise ValueError(
                f"course/README.md: milestone {number} needs the unknown exercise {unknown[0]!r}."
            )
        before = [*milestones, *(EXERCISES[name].assignment for name in needs)]
        last = max(path.index(step) for step in path if step in before)
        path.insert(last + 1, number)
    return path


def syllabus(root: Path) -> str:
    """Return the source of the module for a repository.

    Raises
    ------
    ValueError
        If a milestone needs an unknown exercise.
    """
    lessons = {
        row.name: (row.title, _checks(root, row.name), row.optional) for row in lesson_table(root)
    }
    assignments = {
        name: (title, {e.name: e.points for e in EXERCISES.values() if e.assignment == name})
        for name, title in assignment_table(root).items()
    }
    repository = published("..", root).removesuffix("/.")
    tables = (
        ("LESSONS", "tuple[str, int, bool]", "title, checked exercises, optional", lessons),
        ("ASSIGNMENTS", "tuple[str, dict[str, float]]", "what is built, points", assignments),
        (
            "MILESTONES",
            "tuple[str, tuple[str, ...]]",
            "title, exercises that open it",
            milestone_table(root),
        ),
    )
    parts = [
        f'REPOSITORY = "{repository}"  # as in the addresses of GitHub and Colab\n',
        f'SITE = "{site_address(root)}"  # the web site\n',
        f"SOLUTIONS_ON_SITE = {solutions(root) != 'nowhere'}  # in its notebooks\n",
    ]
    for name, of, about, table in tables:
        rows = "".join(f"    {key!r}: {value!r},\n" for key, value in table.items())
        parts.append(f"{name}: dict[str, {of}] = {{  # {about}\n{rows}}}\n")
    parts.append(f"PATH = tuple({' '.join(steps(root))!r}.split())\n")
    return HEAD + "".join(parts)


def _checks(root: Path, lesson: str) -> int:
    """Return the number of checked exercises in a lesson; 0 if the course omits the lesson."""
    path = root / "course" / f"{lesson}.py"
    return len(CHECK.findall(path.read_text(encoding="utf-8"))) if path.exists() else 0
