"""The table of grades: who got how many points for what, and the diagnosis."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exercises import EXERCISES
from nbjudge import GradingOutcome, report_of
from public_tests.report import AN_ERROR, NOT_WRITTEN, UNNAMED
from public_tests.wording import number
from tools.course import ROOT, nbgrader_api
from tools.sample_class import EXPECTED
from tools.sample_class.writing import is_as_written

__all__ = ["WAITS", "Row", "diagnoses", "mismatches", "mistakes", "print_report", "rows"]

if TYPE_CHECKING:
    from tools.grade import GradingRun  # which imports this module

WAITS = "Waits for a grade by hand."


Diagnosis = tuple[str | None, tuple[str, ...]]  # in one line, and the names of the mistakes
Expected = list[tuple["Row", dict[str, Any]]]  # rows of the sample class, and what was intended


@dataclass(frozen=True)
class Row:
    """The grade of one exercise in one submission; points is None while it has none.

    Attributes
    ----------
    mistakes
        The names of the known mistakes, or one of UNNAMED where points were lost otherwise.
    by_hand
        "waits" where a person has to grade, "graded" where one has; "again" where one has,
        and the work was graded again since.
    """

    student: str
    assignment: str
    exercise: str
    points: float | None
    out_of: float
    diagnosis: str
    by_hand: str = ""
    mistakes: tuple[str, ...] = ()


def rows(names: Sequence[str], root: Path = ROOT) -> list[Row]:
    """One row for every exercise of every graded submission, by student and assignment."""
    api, table = nbgrader_api(root), []
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        for name in names:
            for submission in gradebook.assignment_submissions(name):
                if not (root / "submitted" / submission.student.id / name).is_dir():
                    continue  # of a class that has been taken away
                said = _diagnoses(root, submission.student.id, name)
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        by_hand = _by_hand(grade)
                        missing = "The graded cell is missing.", UNNAMED[-1:]
                        diagnosis, mistakes = said.get(grade.name, missing)
                        if diagnosis is None:
                            diagnosis = _in_place_of_a_verdict(grade, by_hand)
                        table.append(
                            Row(
                                submission.student.id,
                                name,
                                grade.name.removesuffix("_grade"),
                                None if by_hand == "waits" else grade.score,
                                grade.max_score,
                                diagnosis,
                                by_hand,
                                mistakes,
                            )
                        )
    return sorted(table, key=lambda row: (row.student, names.index(row.assignment)))


def _by_hand(grade: Any) -> str:
    """What a person has done about a grade of the gradebook, or has to do."""
    if grade.manual_score is None:
        return "waits" if grade.auto_score is None else ""
    return "again" if grade.needs_manual_grade else "graded"


def _in_place_of_a_verdict(grade: Any, by_hand: str) -> str:
    """What is said of an answer in words."""
    if by_hand == "waits":
        return WAITS
    if grade.score >= grade.max_score:
        return ""
    return "Graded by hand." if by_hand else "There is no answer."


def _diagnoses(root: Path, student: str, name: str) -> dict[str, Diagnosis]:
    path = root / "autograded" / student / name / f"{name}.ipynb"
    return diagnoses(json.loads(path.read_text("utf-8"))["cells"]) if path.exists() else {}


def diagnoses(cells: Iterable[dict[str, Any]]) -> dict[str, Diagnosis]:
    """By graded cell, what went wrong in one line, and the names of the mistakes.

    The line is None for an answer that a person grades. A name is one of UNNAMED where no known
    mistake was recognised, and there is none where nothing went wrong.
    """
    by_cell: dict[str, Diagnosis] = {}
    broken = _solution_errors(cells)
    for cell in cells:
        about = cell["metadata"].get("nbgrader", {})
        if not about.get("grade"):
            continue
        name, error, report = about["grade_id"], _error(cell), report_of(cell)
        if about.get("solution"):
            by_cell[name] = None, ()
        elif name in broken:
            by_cell[name] = f"The solution cell fails. {_in_one_line(broken[name])}", (AN_ERROR,)
        elif error:
            by_cell[name] = _in_one_line(error), (AN_ERROR,)
        elif report:
            names = tuple(diagnosis["name"] for diagnosis in report.get("diagnoses", ()))
            kind = (report["kind"],) if "kind" in report else ()
            by_cell[name] = report.get("headline", ""), names or kind
        else:
            by_cell[name] = "", UNNAMED[-1:]
    return by_cell


def _solution_errors(cells: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By graded cell that stopped with an error, that of the solution cell before it, if any.

    There was no function then: the graded cell's own error is a NameError.
    """
    errors, last = {}, None
    for cell in cells:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution"):
            last = _error(cell)
        if about.get("grade") and last and _error(cell):
            errors[about["grade_id"]] = last
    return errors


def _error(cell: dict[str, Any]) -> dict[str, Any] | None:
    return next((o for o in cell.get("outputs", []) if o["output_type"] == "error"), None)


def _in_one_line(error: dict[str, Any]) -> str:
    text = f"{error['ename']}: {error['evalue']}".partition("\n")[0].rstrip(": ")
    return re.sub(r"\(\S+, line", "(line", text)  # the kernel's name for the cell says nothing


def mismatches(graded: list[Row], root: Path = ROOT) -> Expected | None:
    """Rows whose points differ from the sample class's expected ones; None without such a class."""
    table = _class_table(root)
    return None if table is None else _different(_expected(graded, table))


def _different(known: Expected) -> Expected:
    return [
        (row, intended)
        for row, intended in known
        if intended["points"] != row.points and row.by_hand not in ("graded", "again")
    ]


def _class_table(root: Path) -> dict[str, Any] | None:
    """What `sample_class.expected` gave for the class in submitted/; None without a class."""
    path = root / "submitted" / EXPECTED
    return json.loads(path.read_text()) if path.exists() else None


def _expected(graded: list[Row], table: dict[str, Any]) -> Expected:
    """The rows that are of the sample class, each with what is expected."""
    rows_and_expected = (
        (row, table.get(row.student, {}).get(row.assignment, {}).get(row.exercise))
        for row in graded
    )
    return [(row, intended) for row, intended in rows_and_expected if intended]


def print_report(
    names: Sequence[str], outcome: "GradingRun", root: Path = ROOT, students: Sequence[str] = ()
) -> bool:
    """Print the table, and for the sample class how it compares with the expected grades.

    Returns
    -------
    bool
        Whether every grade of the sample class is the expected one.
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
    table = _table("student", "assignment", "exercise", "points", "diagnosis")
    table.columns[3].justify = "right"
    last = ""
    for who, of_submission in groupby(graded, key=lambda row: (row.student, row.assignment)):
        student, assignment = who
        for place, row in enumerate(of_submission):
            points = "none" if row.points is None else number(row.points)
            table.add_row(
                Text("" if student == last else student),
                "" if place else assignment,
                row.exercise,
                f"{points} of {number(row.out_of)}",
                Text(
                    "not written" if NOT_WRITTEN in row.mistakes else row.diagnosis
                ),  # as it is: [pad:-pad] is no markup
            )
            last = student
        if who in outcome.late:
            table.add_row("", "", "", *_late_row(outcome.late[who]))
    for (student, name), problem in outcome.failed.items():
        table.add_row(Text(student), name, "", "none", Text(f"Not graded: {problem}."))
    console.print(table)
    _print_mistakes(console, graded)
    _print_by_hand(console, graded)
    return _print_mismatches(console, graded, root)


def _late_row(late: GradingOutcome) -> tuple[str, str]:
    """The points that are deducted from a submission, and why."""
    penalty = f"-{number(late.penalty)}" if late.penalty else ""
    return penalty, f"{late.lateness[0].upper()}{late.lateness[1:]}."


def _table(*columns: str, title: str | None = None) -> Table:
    """A table that breaks long names where the screen is narrow, and cuts none."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def mistakes(graded: list[Row]) -> dict[str, dict[str, int]]:
    """For each exercise, how many students lost points by each known mistake, most first.

    After these come the kinds of UNNAMED: "mistake not recognised" are those whose mistake nobody
    knows for certain. A student counts once for each, in however many assignments the exercise is.
    """
    students_by_mistake: dict[str, dict[str, set[str]]] = {}
    for row in graded:
        if row.points is None or row.points >= row.out_of or row.exercise not in EXERCISES:
            continue
        for name in row.mistakes:
            students_by_mistake.setdefault(row.exercise, {}).setdefault(name, set()).add(
                row.student
            )
    return {
        exercise: dict(
            sorted(
                ((name, len(students)) for name, students in students_by_mistake[exercise].items()),
                key=lambda item: (item[0] in UNNAMED, -item[1], item[0]),
            )
        )
        for exercise in EXERCISES
        if exercise in students_by_mistake
    }


def _print_mistakes(console: Console, graded: list[Row]) -> None:
    counted = mistakes(graded)
    if not counted:
        return
    table = _table("exercise", "lost points by", "students", title="Where points were lost")
    table.columns[2].justify = "right"
    for exercise, counts in counted.items():
        everyone = len({row.student for row in graded if row.exercise == exercise})
        for place, (name, students) in enumerate(counts.items()):
            table.add_row("" if place else exercise, Text(name), f"{students} of {everyone}")
    console.print(table)


BY_HAND = {
    "waits": "To be graded by hand (make lab, then Nbgrader > Formgrader > Manual Grading):",
    "again": "Graded by hand, and graded again since; check whether the points still hold:",
}


def _print_by_hand(console: Console, graded: list[Row]) -> None:
    """What a person has to do, question by question."""
    for state, title in BY_HAND.items():
        students: dict[tuple[str, str], list[str]] = {}
        for row in graded:
            if row.by_hand == state:
                students.setdefault((row.assignment, row.exercise), []).append(row.student)
        if students:
            console.print(title)
        for (assignment, exercise), names in students.items():
            console.print(
                f"  {exercise} in {assignment}, {len(names)}: {', '.join(names)}",
                markup=False,
                soft_wrap=True,
            )


def _print_mismatches(console: Console, graded: list[Row], root: Path) -> bool:
    table = _class_table(root) or {}
    known = _expected(graded, table)
    if not known:
        return True
    different = _different(known)
    suspects = {(row.student, row.assignment) for row, _ in different}
    changed = {work for work in suspects if not is_as_written(root, *work, table)}
    known, different = (
        [(row, i) for row, i in rows if (row.student, row.assignment) not in changed]
        for rows in (known, different)
    )
    console.print(
        f"The sample class: {len(known) - len(different)} of {len(known)} grades are as expected."
    )
    for student, assignment in sorted(changed):
        console.print(f"  {assignment} of {student} was changed since, and is not compared.")
    for row, intended in different:
        got = "no points" if row.points is None else number(row.points)
        points = intended["points"]
        console.print(
            f"  {row.exercise} of {row.student} ({intended['scenario']}): "
            f"expected {'a grade by hand' if points is None else number(points)}, got {got}.",
            markup=False,
            soft_wrap=True,
        )
    return not different
