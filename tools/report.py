"""The table of grades: who got how many points for what, and what went wrong."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exercises import EXERCISES
from public_tests._text import number
from tools.course import ROOT, nbgrader_api
from tools.sample_class import DESERVED

__all__ = ["Row", "headlines", "mistakes", "print_report", "rows", "surprises"]


UNNAMED = {  # what can be said of points lost without a known mistake
    "not written": r"has not been written yet",
    "does not end": r"still running",
    "nothing returned": r"returned None",
    "an error": r"raised \w|cell fails|^\w+(Error|Exception|Died)\b",
    "not named": "",
}


@dataclass(frozen=True)
class Row:
    """The grade of one exercise in one submission; points is None while it has none."""

    student: str
    assignment: str
    exercise: str
    points: float | None
    out_of: float
    what_went_wrong: str


def rows(names, root: Path = ROOT) -> list[Row]:
    """One row for every exercise of every graded submission, by student and assignment."""
    api, found = nbgrader_api(root), []
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        for name in names:
            for submission in gradebook.assignment_submissions(name):
                if not (root / "submitted" / submission.student.id / name).is_dir():
                    continue  # of a class that has been taken away
                said = _what_went_wrong(root, submission.student.id, name)
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        exercise = grade.name.removesuffix("_grade")
                        ungraded = grade.auto_score is None and grade.manual_score is None
                        found.append(
                            Row(
                                submission.student.id,
                                name,
                                exercise,
                                None if ungraded else grade.score,
                                grade.max_score,
                                said.get(grade.name, "The graded cell is missing."),
                            )
                        )
    return sorted(found, key=lambda row: (row.student, names.index(row.assignment)))


def _what_went_wrong(root, student, name) -> dict[str, str]:
    path = root / "autograded" / student / name / f"{name}.ipynb"
    if not path.exists():
        return {}
    return headlines(nbformat.read(path, as_version=4).cells)


def headlines(cells) -> dict[str, str]:
    """By graded cell, the first line of the verdict, or of what came instead of one."""
    broken = ""  # the first error of a solution cell: what a NameError further down comes from
    said = {}
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        error = next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)
        if about.get("solution"):
            broken = _in_one_line(error) if error else ""
        if not about.get("grade"):
            continue
        if error is not None:
            text = f"The solution cell fails. {broken}" if broken else _in_one_line(error)
            said[about["grade_id"]] = text
        else:
            said[about["grade_id"]] = _headline(cell)
    return said


def _in_one_line(error):
    text = f"{error.ename}: {error.evalue}".partition("\n")[0].rstrip(": ")
    return re.sub(r"\(\S+, line", "(line", text)  # the kernel's name for the cell says nothing


def _headline(cell):
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    first = printed.partition("\n")[0]
    return first.partition(" points")[2].lstrip(". ")


def surprises(graded: list[Row], root: Path = ROOT) -> list[tuple[Row, dict]] | None:
    """Rows whose points differ from what the sample class deserves; None without such a class."""
    known = _deserved(graded, root)
    return None if known is None else _different(known)


def _different(known):
    return [(row, intended) for row, intended in known if intended["points"] != row.points]


def _deserved(graded, root):
    """The rows that are of the sample class, each with what it deserves; None without a class."""
    path = root / "submitted" / DESERVED
    if not path.exists():
        return None
    table = json.loads(path.read_text())
    found = (
        (row, table.get(row.student, {}).get(row.assignment, {}).get(row.exercise))
        for row in graded
    )
    return [(row, intended) for row, intended in found if intended]


def print_report(names, outcome, root: Path = ROOT, students=()) -> bool:
    """Print the table, and for the sample class how it compares with what it deserves.

    returns: whether every grade of the sample class is the deserved one
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=140)
    graded = [
        row
        for row in rows(names, root)
        if (row.student, row.assignment) not in outcome.failed
        and (not students or row.student in students)
    ]
    table = Table("student", "assignment", "exercise", "points", "what went wrong")
    table.columns[3].justify = "right"
    last = None
    for row in graded:
        who = (row.student, row.assignment)
        points = "none" if row.points is None else number(row.points)
        table.add_row(
            row.student if last is None or last[0] != row.student else "",
            row.assignment if who != last else "",
            row.exercise,
            f"{points} of {number(row.out_of)}",
            Text(row.what_went_wrong),  # as it is: [pad:-pad] is no markup
        )
        last = who
    for (student, name), problem in outcome.failed.items():
        table.add_row(student, name, "", "none", Text(f"Not graded: {problem}."))
    console.print(table)
    _print_mistakes(console, graded)
    return _print_surprises(console, graded, root)


def mistakes(graded: list[Row]) -> dict[str, dict[str, int]]:
    """For each exercise, how many students lost points by each known mistake, most first.

    Behind these come the kinds of UNNAMED: "not named" are those whose mistake nobody knows for
    certain. A student counts once for each, in however many assignments the exercise is.
    """
    known = {
        name: {mistake.diagnosis: mistake.name for mistake in reversed(exercise.mistakes)}
        for name, exercise in EXERCISES.items()
    }
    found = {}
    for row in graded:
        if row.points is None or row.points >= row.out_of or row.exercise not in EXERCISES:
            continue
        named = [n for said, n in known[row.exercise].items() if said in row.what_went_wrong]
        for name in named or [_in_general(row.what_went_wrong)]:
            found.setdefault(row.exercise, {}).setdefault(name, set()).add(row.student)
    return {
        exercise: dict(
            sorted(
                ((name, len(students)) for name, students in found[exercise].items()),
                key=lambda item: (item[0] in UNNAMED, -item[1], item[0]),
            )
        )
        for exercise in EXERCISES
        if exercise in found
    }


def _in_general(said):
    return next(name for name, pattern in UNNAMED.items() if re.search(pattern, said))


def _print_mistakes(console, graded):
    counted = mistakes(graded)
    if not counted:
        return
    table = Table("exercise", "lost points by", "students", title="What to teach again")
    table.columns[2].justify = "right"
    for exercise, of in counted.items():
        for place, (name, students) in enumerate(of.items()):
            table.add_row("" if place else exercise, Text(name), str(students))
    console.print(table)


def _print_surprises(console, graded, root):
    known = _deserved(graded, root)
    if not known:
        return True
    different = _different(known)
    console.print(
        f"The sample class: {len(known) - len(different)} of {len(known)} grades are what the "
        "work deserves."
    )
    for row, intended in different:
        got = "no points" if row.points is None else number(row.points)
        console.print(
            f"  {row.exercise} of {row.student} ({intended['fate']}) deserves "
            f"{number(intended['points'])} and got {got}.",
            markup=False,
            soft_wrap=True,
        )
    return not different
