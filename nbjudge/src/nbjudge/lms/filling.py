"""What is written into a platform's file, whichever platform it is."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbjudge.course.dates import DueDates, utc_now
from nbjudge.course.outcome import listed
from nbjudge.course.standings import Standing, Standings, State
from nbjudge.lms.collected_names import read_names
from nbjudge.lms.csv_files import CsvFile
from nbjudge.lms.matching import Roster
from nbjudge.lms.platform import Key

_NUMBER = re.compile(r"\d+(?:[.,](?:(?P<three>\d{3})|\d+))?", re.ASCII)  # decimal commas, too
_NOTE = re.compile(r"\s*\[nbjudge: [^\]]*\]")


@dataclass(frozen=True)
class Choices:
    """How a file is filled.

    Attributes
    ----------
    columns
        Titles of columns, by assignment, where the names differ.
    scale
        Whether points are converted where the platform has another maximum.
    zero
        The states, other than graded, that are written as 0; work that is not submitted only once
        it is due.
    notes
        Whether the states of what has no points are written, too.
    dates
        The dates of the assignments that `dates.toml` names; the gradebook has those of others.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: bool = False
    zero: frozenset[State] = frozenset()
    notes: bool = False
    dates: Mapping[str, DueDates] = field(default_factory=dict)

    def is_zero(self, standing: Standing) -> bool:
        """Whether the work is written as 0."""
        return standing.state in self.zero and not self.can_wait(standing)

    def can_wait(self, standing: Standing) -> bool:
        """Whether the work is not submitted, and neither the due date nor the extension is over."""
        assignment = standing.assignment
        dates = self.dates.get(assignment.name, DueDates(assignment.duedate))
        if standing.state is not State.NOT_SUBMITTED or dates.due is None:
            return False
        longer = dates.extensions.get(standing.student.id, datetime.timedelta())
        return utc_now() <= dates.due + longer


@dataclass
class Filled:
    """A filled file, and what an instructor should know of it.

    Attributes
    ----------
    written
        The standings whose points are in the file.
    kept
        Those whose cells stay as they were.
    said
        Sentences.
    """

    file: CsvFile
    written: list[Standing] = field(default_factory=list)
    kept: list[Standing] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def check_maximum(standing_out_of: float, there: str, name: str, choices: Choices) -> float:
    """The factor by which the points of an assignment are multiplied.

    Parameters
    ----------
    there
        The platform's maximum, as its file has it; "" where it has none.

    Raises
    ------
    ValueError
        It differs and points are not to be converted, or it is not clear which number it is.
    """
    text = there.strip()
    if not any(map(str.isdigit, text)):  # the platform names none
        return 1.0
    number = _NUMBER.fullmatch(text)
    if number is None:
        raise ValueError(
            f"{name} has the maximum {text!r} on the platform, which is not a number such as 10 or "
            "7.5: download the file again, and do not save it from a spreadsheet."
        )
    maximum = float(text.replace(",", "."))
    if maximum == standing_out_of or not standing_out_of:
        return 1.0
    if number["three"]:  # "1,000" may be a thousand
        if float(re.sub("[.,]", "", text)) == standing_out_of:
            return 1.0
        raise ValueError(
            f"{name} has {standing_out_of:g} points here, and {text} on the platform can be read "
            "in two ways: make the two equal there and download the file again."
        )
    if not choices.scale:
        raise ValueError(
            f"{name} has {standing_out_of:g} points here and {maximum:g} on the platform: make "
            "these equal there and download the file again, or convert the points by --scale."
        )
    return maximum / standing_out_of


def fill(filled: Filled, standing: Standing, cell: str, factor: float, choices: Choices) -> str:
    """What a cell holds from now on: the points, or what it has held."""
    points = 0.0 if choices.is_zero(standing) else standing.points
    if points is None:
        filled.kept.append(standing)
        return cell
    filled.written.append(standing)
    return f"{points * factor:.2f}"


def _missing(standings: Standings, seen: Collection[str], has_names: bool) -> list[str]:
    """Return a sentence on the students whom a platform's file does not have, if there are any.

    Parameters
    ----------
    seen
        The ids of those whom it has.
    has_names
        False if the file has no names, so that the class list cannot be compared with it.
    """
    names = listed(
        person.id
        for person in standings.students
        if person.id not in seen
        and (
            (has_names and person.is_on_class_list)
            or any(standings.has_work(person.id, each.name) for each in standings.assignments)
        )
    )
    return [f"Not in the file: {names}."] if names else []


def check_filled(filled: Filled, choices: Choices) -> None:
    """Refuse a file into which nothing was written.

    Raises
    ------
    ValueError
        It got no grade, and no note either.
    """
    if filled.written or (choices.notes and filled.kept):
        return
    counts = Counter(standing.state for standing in filled.kept)
    states = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    raise ValueError(
        "No file was written, as it would have no grade: "
        + (
            f"the work of its students is {states}. Grade it first (nbjudge autograde)."
            if states
            else "none of its rows is of a student who has work here. Is it of this course and of "
            "this assignment?"
        )
    )


def with_note(text: str, standings: Iterable[Standing]) -> str:
    """A text with a note on work that has no points, in the place of an earlier one."""
    states = "; ".join(
        f"{standing.assignment.name}: {standing.state}"
        for standing in standings
        if standing.state is not State.GRADED
    )
    text = _NOTE.sub("", text)
    return f"{text} [nbjudge: {states}]".lstrip() if states else text


class Rows:
    """Finds the work that the rows of a platform's file are about.

    Parameters
    ----------
    standings
        Of the assignments that the file has.
    filled
        Takes a sentence on each row that fits nobody.
    """

    def __init__(self, standings: Standings, filled: Filled):
        self.standings, self.filled = standings, filled
        self.roster = Roster(standings.students)
        self.names = read_names(standings.coursedir)
        self.seen: set[str] = set()

    def collected(self, assignment: str, keys: Iterable[Key]) -> str:
        """Return the id under which the work was collected that has one of these keys, or ""."""
        return self.names.find(
            assignment, keys, lambda student: self.standings.has_work(student, assignment)
        )

    def find(
        self,
        known: list[tuple[str, str]],
        name: str,
        collected: Mapping[str, str],
        is_group: bool = False,
    ) -> dict[str, Standing]:
        """Return the standings of a row, by assignment; none if the row is left alone.

        Parameters
        ----------
        known
            What the row says of the student, as for `Roster.find`.
        name
            What to call the student in a sentence.
        collected
            The ids of the work that was collected for the row: {assignment: id}. It takes the place
            of what the student has under the id of the class list.
        is_group
            True if the work is a group's, so that several rows have it.
        """
        ids, said = set(filter(None, collected.values())), self.filled.said
        try:
            student = self.roster.find(*known)
        except ValueError as error:
            student = None
            if not ids:
                said.append(f"{name}: left alone, as {error}.")
                return {}
        if student is None and not ids:
            works = listed(assignment.name for assignment in self.standings.assignments)
            said.append(
                f"{name}: left alone, as no student of the gradebook fits this row, and no work "
                f"for {works} was collected under it."
            )
            return {}
        ids |= {student.id} if student else set()
        earlier = sorted(ids & self.seen)
        if earlier and not is_group:
            said.append(f"{name}: left alone, as an earlier row is {earlier[0]}'s, too.")
            return {}
        self.seen |= ids
        whose = {
            assignment.name: collected.get(assignment.name) or (student.id if student else "")
            for assignment in self.standings.assignments
        }
        return {name: self.standings.by_student[one][name] for name, one in whose.items() if one}


@dataclass
class Layout:
    """The places of students and points in a platform's file.

    Attributes
    ----------
    columns
        The columns of the points: {assignment: column}.
    students
        The rows of students.
    find
        Returns the standings of a row, by assignment, from `Rows` and the cells by title. What is
        wrong with the row is said.
    factor
        By which the points of a standing are multiplied in a row.
    exception
        Returns the content of a cell that gets no points, and enters the standing in `Filled`; None
        for other cells. It gets the content so far, the standing and all standings of the row.
    notes
        The columns of notes: {assignment: column}.
    has_names
        False if the file has no names.
    said
        What an instructor should know of it, a sentence each.
    """

    columns: Mapping[str, int]
    students: Sequence[list[str]]
    find: Callable[[Rows, Mapping[str, str]], dict[str, Standing]]
    factor: Callable[[Standing, list[str]], float] = lambda standing, row: 1.0
    exception: Callable[[Rows, str, Standing, Mapping[str, Standing]], str | None] = (
        lambda rows, cell, standing, mine: None
    )
    notes: Mapping[str, int] = field(default_factory=dict)
    has_names: bool = True
    said: Iterable[str] = ()


def fill_file(file: CsvFile, layout: Layout, standings: Standings, choices: Choices) -> Filled:
    """Write points and, if wanted, notes into the rows of a platform's file."""
    filled = Filled(file)
    rows = Rows(standings.only(layout.columns), filled)
    for row in layout.students:
        mine = layout.find(rows, file.cells(row))
        noted: dict[int, list[Standing]] = {}
        for name, standing in mine.items():
            column = layout.columns[name]
            cell = layout.exception(rows, row[column], standing, mine)
            if cell is None:
                factor = layout.factor(standing, row)
                cell = fill(filled, standing, row[column], factor, choices)
            row[column] = cell
            if choices.notes and name in layout.notes:
                noted.setdefault(layout.notes[name], []).append(standing)
        for column, those in noted.items():
            row[column] = with_note(row[column], those)
    filled.said += _missing(rows.standings, rows.seen, layout.has_names)
    filled.said += layout.said
    return filled
