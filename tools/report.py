"""The points of a run of grading: a summary for the terminal, and all of it for a file."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from exercises import EXERCISES
from nbjudge import GradedQuestion, GradingOutcome, State, diagnoses
from nbjudge.judging.causes import CAUSES
from nbjudge.report.overview import overviews
from public_tests.report import NOT_WRITTEN, UNNAMED
from public_tests.wording import number
from tools.course import ROOT, write_if_changed
from tools.sample_class import EXPECTED
from tools.sample_class.writing import is_as_written

__all__ = ["WAITS", "Report", "Row", "mismatches", "mistakes", "rows"]

if TYPE_CHECKING:
    from nbjudge.course.standings import Standings
    from nbjudge.report.overview import Overview

WAITS = "Waits for a grade by hand."
MOST_ROWS = 20  # of exercises in the terminal; above that, a row for each assignment
MOST_MISTAKES = 5  # in the terminal
MOST_NAMES = 20  # in one line
WIDTH = 140  # characters of a line where no terminal sets it


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


def rows(standings: "Standings") -> list[Row]:
    """One row for every exercise of every graded submission, by student and assignment."""
    table = []
    for standing in standings.all:
        if standing.state not in (State.GRADED, State.WAITING):
            continue
        said = diagnoses(standings.cells(standing))
        for graded in standing.questions:
            question = graded.question
            missing = "The graded cell is missing.", UNNAMED[-1:]
            diagnosis, mistakes = said.get(question.name, missing)
            if diagnosis is None:
                diagnosis = _in_place_of_a_verdict(graded)
            table.append(
                Row(
                    standing.student.id,
                    standing.assignment.name,
                    question.name.removesuffix("_grade"),
                    graded.points,
                    question.out_of,
                    diagnosis,
                    graded.by_hand,
                    mistakes,
                )
            )
    return table


def _in_place_of_a_verdict(graded: GradedQuestion) -> str:
    """What is said of an answer in words."""
    if graded.points is None:
        return WAITS
    if graded.points >= graded.question.out_of:
        return ""
    return "Graded by hand." if graded.by_hand else "There is no answer."


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


class Report:
    """The points that a run of grading gave.

    Parameters
    ----------
    standings
        Of the assignments of the run.
    outcomes
        What became of each submission in the run, by assignment.
    students
        Only these; all where empty.
    """

    def __init__(
        self,
        standings: "Standings",
        outcomes: Mapping[str, Sequence[GradingOutcome]],
        root: Path = ROOT,
        students: Sequence[str] = (),
    ) -> None:
        self.standings, self.students = standings, students
        self.outcomes = {(o.student, name): o for name, done in outcomes.items() for o in done}
        failed = {whose for whose, o in self.outcomes.items() if o.status == "failed"}
        self.rows = [
            row
            for row in rows(standings)
            if (row.student, row.assignment) not in failed
            and (not students or row.student in students)
        ]
        self.comparison = _Comparison(self.rows, root)

    @property
    def as_expected(self) -> bool:
        """True if no grade of the sample class differs from the expected one."""
        return not self.comparison.different

    def print(self) -> None:
        """Print the summary: points, what waits for a person, and the frequent mistakes."""
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=WIDTH)
        if self.students or len(self.rows) <= MOST_ROWS:
            _print_rows(console, self.rows, self.outcomes)
        else:
            _print_assignments(console, overviews(self.standings))
            _print_most_frequent(console, self.rows)
        _print_by_hand(console, self.rows)
        self.comparison.print(console)

    def write(self, path: Path, notes: Sequence[str]) -> None:
        """Write the row of every exercise, the mistakes and the notes of the run to a text file."""
        text = io.StringIO()
        console = Console(file=text, highlight=False, width=WIDTH)
        _print_rows(console, self.rows, self.outcomes)
        _print_mistakes(console, self.rows)
        _print_by_hand(console, self.rows, most=len(self.rows))
        self.comparison.print(console)
        for note in notes:
            console.print(note, markup=False, soft_wrap=True)
        write_if_changed(path, text.getvalue().encode())


def _print_assignments(console: Console, of_assignments: Sequence["Overview"]) -> None:
    """The table with a row for each assignment."""
    columns = {"graded": State.GRADED, "by hand": State.WAITING, "failed": State.NOT_GRADABLE}
    table = _table("assignment", "submitted", *columns, "late", "mean", "median", "of")
    for column in table.columns[1:]:
        column.justify = "right"
    for overview in of_assignments:
        counts = [len(overview.states[state]) for state in columns.values()]
        summary = overview.summary
        points = (f"{summary.mean:.1f}", f"{summary.median:g}") if summary else ("", "")
        table.add_row(
            overview.assigned.name,
            *map(str, (overview.submitted, *counts, len(overview.late))),
            *points,
            f"{overview.assigned.out_of:g}",
        )
    console.print(table)


def _print_most_frequent(console: Console, graded: list[Row]) -> None:
    """The known mistakes of most students."""
    named = [
        (students, exercise, name)
        for exercise, counts in mistakes(graded).items()
        for name, students in counts.items()
        if name not in UNNAMED and name.partition(":")[0] not in CAUSES
    ]
    named.sort(key=lambda item: (-item[0], item[1:]))
    if named:
        console.print("The most frequent mistakes:")
    for students, exercise, name in named[:MOST_MISTAKES]:
        everyone = len({row.student for row in graded if row.exercise == exercise})
        text = f"  {exercise}: {name}, {students} of {everyone} students"
        console.print(text, markup=False, soft_wrap=True)


def _print_rows(
    console: Console, graded: list[Row], outcomes: Mapping[tuple[str, str], GradingOutcome]
) -> None:
    """The table with a row for each exercise."""
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
        if who in outcomes and outcomes[who].lateness:
            table.add_row("", "", "", *_late_row(outcomes[who]))
    for (student, name), outcome in outcomes.items():
        if outcome.status == "failed":
            table.add_row(Text(student), name, "", "none", Text(f"Not graded: {outcome.why}."))
    console.print(table)


def _late_row(late: GradingOutcome) -> tuple[str, str]:
    """The points that are deducted from a submission, and why."""
    deducted = late.recorded.penalty if late.recorded else 0.0
    penalty = f"-{number(deducted)}" if deducted else ""
    return penalty, f"{late.lateness[0].upper()}{late.lateness[1:]}."


def _table(*columns: str, title: str | None = None) -> Table:
    """A table that breaks long names where the screen is narrow, and cuts none."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def mistakes(graded: list[Row]) -> dict[str, dict[str, int]]:
    """For each exercise, how many students lost points by each known mistake, most first.

    After these come the kinds of UNNAMED: "mistake not recognized" are those whose mistake nobody
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
    "waits": "To be graded by hand (.venv/bin/nbjudge review ASSIGNMENT):",
    "again": "Graded by hand, and graded again since; check whether the points still hold:",
}


def _print_by_hand(console: Console, graded: list[Row], most: int = MOST_NAMES) -> None:
    """Print what a person has to grade, question by question, with so many names at most."""
    for state, title in BY_HAND.items():
        students: dict[tuple[str, str], list[str]] = {}
        for row in graded:
            if row.by_hand == state:
                students.setdefault((row.assignment, row.exercise), []).append(row.student)
        if students:
            console.print(title)
        for (assignment, exercise), names in students.items():
            console.print(
                f"  {exercise} in {assignment}, {len(names)}: {_listed(names, most)}",
                markup=False,
                soft_wrap=True,
            )


def _listed(names: Sequence[str], most: int) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


class _Comparison:
    """The grades of the sample class beside the expected ones.

    Attributes
    ----------
    compared, different
        The rows that are compared, and those of them whose points are others.
    changed
        The submissions whose points are others because they were changed since.
    """

    def __init__(self, graded: list[Row], root: Path) -> None:
        table = _class_table(root) or {}
        of_class = _expected(graded, table)
        suspects = {(row.student, row.assignment) for row, _ in _different(of_class)}
        self.changed = {work for work in suspects if not is_as_written(root, *work, table)}
        self.compared = [
            (row, intended)
            for row, intended in of_class
            if (row.student, row.assignment) not in self.changed
        ]
        self.different = _different(self.compared)
        self.is_there = bool(of_class)

    def print(self, console: Console) -> None:
        if not self.is_there:
            return
        equal, total = len(self.compared) - len(self.different), len(self.compared)
        console.print(f"The sample class: {equal} of {total} grades are as expected.")
        for student, assignment in sorted(self.changed):
            console.print(f"  {assignment} of {student} was changed since, and is not compared.")
        for row, intended in self.different:
            actual = "no points" if row.points is None else number(row.points)
            points = intended["points"]
            expected = "a grade by hand" if points is None else number(points)
            console.print(
                f"  {row.exercise} of {row.student} ({intended['scenario']}): "
                f"expected {expected}, got {actual}.",
                markup=False,
                soft_wrap=True,
            )
