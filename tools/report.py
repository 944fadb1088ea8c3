"""Report a run of grading: a summary for the terminal, and every grade for a file."""

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from exercises import EXERCISES
from nbexercise.judging.wording import number
from nbexercise.showing.report import NOT_WRITTEN, UNNAMED
from nbjudge import CAUSES, GradingOutcome, printable
from nbjudge.plugins.report import overviews
from nbjudge.plugins.shared import read_diagnoses
from nbjudge.plugins.standings import GradedQuestion, State
from tools.course import ROOT, write_if_changed
from tools.sample_class import EXPECTED
from tools.sample_class.writing import is_as_written

__all__ = ["WAITS", "Comparison", "Grade", "Report", "mistakes", "rows"]

if TYPE_CHECKING:
    from nbjudge.plugins.report import Overview
    from nbjudge.plugins.standings import Standings

WAITS = "Waiting for manual grading."
MOST_ROWS = 20  # most exercises to list in the terminal; above that, a row for each assignment
MOST_MISTAKES = 5  # most mistakes to list in the terminal
MOST_NAMES = 20  # most names in one line
WIDTH = 140  # characters of a line if the output is not a terminal


@dataclass(frozen=True)
class Grade:
    """The grade of one exercise in one submission.

    Attributes
    ----------
    points
        None if the exercise has no grade yet.
    mistakes
        Names of the known mistakes, or an item of UNNAMED if points were lost for another reason.
    by_hand
        "waits" before manual grading, "graded" after it, "again" if the submission was regraded
        since.
    """

    student: str
    assignment: str
    exercise: str
    points: float | None
    out_of: float
    diagnosis: str
    by_hand: str = ""
    mistakes: tuple[str, ...] = ()


def rows(standings: "Standings") -> list[Grade]:
    """Return a row for every exercise of every graded submission, by student and assignment."""
    table = []
    for standing in standings.all:
        if standing.state not in (State.GRADED, State.WAITING):
            continue
        texts = standings.read(standing, read_diagnoses)
        for graded in standing.questions:
            question = graded.question
            missing = "The graded cell is missing.", UNNAMED[-1:]
            diagnosis, mistakes = texts.get(question.name, missing)
            if diagnosis is None:
                diagnosis = _manual_diagnosis(graded)
            table.append(
                Grade(
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


def _manual_diagnosis(graded: GradedQuestion) -> str:
    """Return the text for a manually graded answer, in place of a diagnosis."""
    if graded.points is None:
        return WAITS
    if graded.points >= graded.question.out_of:
        return ""
    return "Graded by hand." if graded.by_hand else "There is no answer."


class Report:
    """The grades of one run of grading.

    Parameters
    ----------
    standings
        Standings of the run's assignments.
    outcomes
        Outcomes of the run's submissions, by assignment.
    students
        Names of the students to report; empty for all.
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
        failed = {work for work, o in self.outcomes.items() if o.status == "failed"}
        self.rows = [
            row
            for row in rows(standings)
            if (row.student, row.assignment) not in failed
            and (not students or row.student in students)
        ]
        self.comparison = Comparison(self.rows, root)

    @property
    def as_expected(self) -> bool:
        """True if no grade of the sample class differs from the expected one."""
        return not self.comparison.different

    def print(self) -> None:
        """Print the summary: points, questions for manual grading, and frequent mistakes."""
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
        """Write every exercise's row, the mistakes and the notes of the run to a text file."""
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
    """Print a table with a row for each assignment."""
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


def _print_most_frequent(console: Console, graded: list[Grade]) -> None:
    """Print the known mistakes that most students made."""
    named = [
        (students, exercise, name)
        for exercise, counts in mistakes(graded).items()
        for name, students in counts.items()
        if name not in UNNAMED and name.partition(":")[0] not in CAUSES
    ]
    named.sort(key=lambda item: (-item[0], item[1:]))
    if named:
        console.print("Most frequent mistakes:")
    for students, exercise, name in named[:MOST_MISTAKES]:
        everyone = len({row.student for row in graded if row.exercise == exercise})
        text = f"  {exercise}: {name}, {students} of {everyone} students"
        console.print(printable(text), markup=False, soft_wrap=True)


def _print_rows(
    console: Console, graded: list[Grade], outcomes: Mapping[tuple[str, str], GradingOutcome]
) -> None:
    """Print a table with a row for each exercise."""
    table = _table("student", "assignment", "exercise", "points", "diagnosis")
    table.columns[3].justify = "right"
    last = ""
    for who, of_submission in groupby(graded, key=lambda row: (row.student, row.assignment)):
        student, assignment = who
        for index, row in enumerate(of_submission):
            points = "none" if row.points is None else number(row.points)
            _add_row(
                table,
                "" if student == last else student,
                "" if index else assignment,
                row.exercise,
                f"{points} of {number(row.out_of)}",
                "not written" if NOT_WRITTEN in row.mistakes else row.diagnosis,
            )
            last = student
        if who in outcomes and outcomes[who].lateness:
            _add_row(table, "", "", "", *_late_row(outcomes[who]))
    for (student, name), outcome in outcomes.items():
        if outcome.status == "failed":
            _add_row(table, student, name, "", "none", f"Not graded: {outcome.why}.")
    console.print(table)


def _late_row(late: GradingOutcome) -> tuple[str, str]:
    """Return the points deducted from a late submission, and the reason."""
    deducted = late.recorded.penalty if late.recorded else 0.0
    penalty = f"-{number(deducted)}" if deducted else ""
    return penalty, f"{late.lateness[0].upper()}{late.lateness[1:]}."


def _table(*columns: str, title: str | None = None) -> Table:
    """Create a table that wraps long names on a narrow screen instead of cutting them."""
    return Table(*(Column(column, overflow="fold") for column in columns), title=title)


def _add_row(table: Table, *texts: str) -> None:
    """Add a row verbatim: names and messages of students may be markup or control a terminal."""
    table.add_row(*(Text(printable(text)) for text in texts))


def mistakes(graded: list[Grade]) -> dict[str, dict[str, int]]:
    """Count the students who lost points through each known mistake, most frequent first.

    The kinds of UNNAMED come last; "mistake not recognized" counts mistakes without a certain
    diagnosis. A student counts once for each mistake, even if several assignments contain the
    exercise.
    """
    lost = {
        (row.exercise, name, row.student)
        for row in graded
        if row.points is not None and row.points < row.out_of
        for name in row.mistakes
    }
    counts = Counter((exercise, name) for exercise, name, _ in lost)
    ordered = sorted(counts, key=lambda made: (made[1] in UNNAMED, -counts[made], made[1]))
    by_exercise: dict[str, dict[str, int]] = {}
    for exercise in EXERCISES:
        for made in ordered:
            if made[0] == exercise:
                by_exercise.setdefault(exercise, {})[made[1]] = counts[made]
    return by_exercise


def _print_mistakes(console: Console, graded: list[Grade]) -> None:
    counted = mistakes(graded)
    if not counted:
        return
    table = _table("exercise", "mistake", "students", title="Where points were lost")
    table.columns[2].justify = "right"
    for exercise, counts in counted.items():
        everyone = len({row.student for row in graded if row.exercise == exercise})
        for index, (name, students) in enumerate(counts.items()):
            _add_row(table, "" if index else exercise, name, f"{students} of {everyone}")
    console.print(table)


BY_HAND = {
    "waits": "To be graded by hand (.venv/bin/nbjudge review ASSIGNMENT):",
    "again": "Graded by hand, and regraded since; check that the points still apply:",
}


def _print_by_hand(console: Console, graded: list[Grade], most: int = MOST_NAMES) -> None:
    """Print the answers that need manual grading, by question, with at most `most` names each."""
    for state, title in BY_HAND.items():
        students: dict[tuple[str, str], list[str]] = {}
        for row in graded:
            if row.by_hand == state:
                students.setdefault((row.assignment, row.exercise), []).append(row.student)
        if students:
            console.print(title)
        for (assignment, exercise), names in students.items():
            text = f"  {exercise} in {assignment}, {len(names)}: {_listed(names, most)}"
            console.print(printable(text), markup=False, soft_wrap=True)


def _listed(names: Sequence[str], most: int) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


class Comparison:
    """A comparison of the sample class's grades with those in `submitted/sample_class.json`.

    Attributes
    ----------
    compared, different
        The compared rows, and the rows among them whose points differ.
    changed
        Submissions whose points differ because they were edited.
    is_mixed
        True if both submissions of the sample class and others were graded.
    """

    def __init__(self, graded: list[Grade], root: Path = ROOT) -> None:
        path = root / "submitted" / EXPECTED
        table = json.loads(path.read_text()) if path.exists() else {}
        rows_and_expected = (
            (row, table.get(row.student, {}).get(row.assignment, {}).get(row.exercise))
            for row in graded
        )
        of_class = [(row, intended) for row, intended in rows_and_expected if intended]
        suspects = {(row.student, row.assignment) for row, want in of_class if _differ(row, want)}
        self.changed = {work for work in suspects if not is_as_written(root, *work, table)}
        self.compared = [
            (row, intended)
            for row, intended in of_class
            if (row.student, row.assignment) not in self.changed
        ]
        self.different = [pair for pair in self.compared if _differ(*pair)]
        self.is_mixed = len({row.assignment in table.get(row.student, {}) for row in graded}) == 2

    def print(self, console: Console) -> None:
        if not (self.compared or self.changed):
            return
        equal, total = len(self.compared) - len(self.different), len(self.compared)
        console.print(f"Sample class: {equal} of {total} grades are as expected.")
        for student, assignment in sorted(self.changed):
            console.print(f"  {assignment} of {student} was edited, and is not compared.")
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


def _differ(row: Grade, intended: Mapping[str, Any]) -> bool:
    """True if the points are not the expected ones, and no person has given them."""
    return intended["points"] != row.points and row.by_hand not in ("graded", "again")
