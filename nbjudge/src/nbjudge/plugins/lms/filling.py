"""Fill in a platform's grades file; shared by all platforms."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import listed
from nbjudge.plugins.dates.dates_file import DueDates
from nbjudge.plugins.lms.collected_names import read_names
from nbjudge.plugins.lms.matching import Roster, check_known
from nbjudge.plugins.lms.platform import Key, check_key
from nbjudge.plugins.shared.csv_files import CsvFile
from nbjudge.plugins.standings.standings import Standing, Standings, State, why_unsure

_NUMBER = re.compile(r"\d+(?:[.,](?:(?P<three>\d{3})|\d+))?", re.ASCII)  # decimal point or comma
_NOTE = re.compile(r"\s*\[nbjudge: [^\]]*\]")


@dataclass(frozen=True)
class Choices:
    """Options for filling in a file.

    Attributes
    ----------
    columns
        Titles of columns by assignment, if they differ from the assignments' names.
    scale
        True to scale points if the platform has another maximum.
    zero
        States, other than graded, that are written as 0; unsubmitted work only after it is due.
    notes
        True to write the states of work without points as well.
    dates
        Dates from `dates.toml`; the gradebook has the dates of all other assignments.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: bool = False
    zero: frozenset[State] = frozenset()
    notes: bool = False
    dates: Mapping[str, DueDates] = field(default_factory=dict)

    def is_zero(self, standing: Standing) -> bool:
        """True if the work is written as 0."""
        return standing.state in self.zero and not self.can_wait(standing)

    def can_wait(self, standing: Standing) -> bool:
        """True if the work is not submitted, but the student still has time to submit it."""
        assignment = standing.assignment
        dates = self.dates.get(assignment.name, DueDates(assignment.duedate))
        if standing.state not in (State.NOT_SUBMITTED, State.UNSURE) or dates.due is None:
            return False
        longer = dates.extensions.get(standing.student.id, datetime.timedelta())
        return utc_now() <= dates.due + longer


@dataclass
class Filled:
    """A filled-in file, with remarks for the instructor.

    Attributes
    ----------
    written
        Standings whose points are in the file.
    kept
        Standings whose cells are unchanged.
    said
        Remarks for the instructor, a sentence each.
    """

    file: CsvFile
    written: list[Standing] = field(default_factory=list)
    kept: list[Standing] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def check_maximum(standing_out_of: float, there: str, name: str, choices: Choices) -> float:
    """Return the factor by which the points of an assignment are multiplied.

    Parameters
    ----------
    standing_out_of
        Maximum points in the gradebook.
    there
        Maximum points in the platform's file, such as "5" or "5.00"; "" if the file has none.
    name
        Name of the assignment, for messages.

    Raises
    ------
    ValueError
        If the maximum points differ without scaling, or the file's number is ambiguous.
    """
    text = there.strip()
    if not any(map(str.isdigit, text)):  # no maximum
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
            f"{name} has {standing_out_of:g} points here, but the platform's {text} is ambiguous: "
            "make the two equal on the platform and download the file again."
        )
    if not choices.scale:
        raise ValueError(
            f"{name} has {standing_out_of:g} points here and {maximum:g} on the platform: make "
            "the two equal on the platform and download the file again, or use --scale."
        )
    return maximum / standing_out_of


def fill(filled: Filled, standing: Standing, cell: str, factor: float, choices: Choices) -> str:
    """Return the new content of a cell: the points, or the old content."""
    points = 0.0 if choices.is_zero(standing) else standing.points
    if points is None:
        filled.kept.append(standing)
        return cell
    filled.written.append(standing)
    return f"{points * factor:.2f}"


def _missing(standings: Standings, seen: Collection[str], has_names: bool) -> list[str]:
    """Return a sentence about the students who are missing from a platform's file, if any.

    Parameters
    ----------
    seen
        Ids of the students in the file.
    has_names
        False if the file has no names, so that it cannot be compared with the class list.
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
    """Raise ValueError if the file would contain neither a grade nor a note."""
    if filled.written or (choices.notes and filled.kept):
        return
    counts = Counter(standing.state for standing in filled.kept)
    states = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    next_steps = {State.NOT_GRADED: "nbjudge autograde", State.WAITING: "nbjudge review"}
    commands = ", ".join(command for state, command in next_steps.items() if counts[state])
    advice = f" Grade it first ({commands})." if commands else ""
    if counts[State.UNSURE]:
        advice = (
            " Fill in the file that the platform has for this assignment alone, in Moodle the "
            "grading worksheet, which names the authors."
        )
    raise ValueError(
        "No file was written, because it would contain no grades: "
        + (
            f"the work of its students is {states}.{advice}"
            if states
            else "no student in it has work here. Is it the file of this course and this "
            "assignment?"
        )
    )


def with_note(text: str, standings: Iterable[Standing]) -> str:
    """Return a text with a note on work without points, which replaces an earlier note."""
    states = "; ".join(
        f"{standing.assignment.name}: {standing.state}"
        for standing in standings
        if standing.state is not State.GRADED
    )
    text = _NOTE.sub("", text)
    return f"{text} [nbjudge: {states}]".lstrip() if states else text


class Rows:
    """Finds the standings for the rows of a platform's file.

    Parameters
    ----------
    standings
        Standings of the assignments in the file.
    filled
        Result that receives a sentence for each row without a match.
    """

    def __init__(self, standings: Standings, filled: Filled):
        self.standings, self.filled = standings, filled
        self.roster = Roster(standings.students)
        self.names = read_names(standings.coursedir)
        self.seen: set[str] = set()

    def settled(self, standing: Standing) -> Standing:
        """Return the standing with the state that the whole file implies.

        The file may assign work under an id that is on no class list to a student, so that the
        others are known to be without work; and it may have no row for such an id, even if the
        course has no class list.
        """
        if standing.state not in (State.NOT_SUBMITTED, State.UNSURE):
            return standing
        unassigned = self.standings.unassigned.get(standing.assignment.name, ())
        possible = [each for each in unassigned if not (each.has_id and each.work in self.seen)]
        why = why_unsure(standing.student.id, possible)
        return replace(standing, state=State.UNSURE if why else State.NOT_SUBMITTED, why=why)

    def collected(self, assignment: str, keys: Iterable[Key]) -> str:
        """Return the id under which work with one of these keys was collected, or "".

        Parameters
        ----------
        keys
            As in `UploadName.keys`: name of the platform; "number", "name" or "file"; and the
            number or name of the student there, or the number of the file.

        Raises
        ------
        ValueError
            If there is no such platform or kind.
        """
        keys = list(keys)
        for platform, kind, _ in keys:
            check_key(platform, kind)
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
        """Return the standings of a row, by assignment; none if the row is skipped.

        Parameters
        ----------
        known
            Pairs of a key and a value from the row. The keys are "id", "lms_user_id" (`nbjudge
            students --lms-id`) and "email", then "name" (full name) and "sortable" (last and first
            name), which count only if the others match nobody. A row that matches several students
            is skipped. Empty values are allowed.
        name
            Name of the student for messages.
        collected
            Ids under which work was collected for the row: {assignment: id}. This work replaces
            the student's work under the id in the class list.
        is_group
            True for the work of a group, which several rows share.

        Raises
        ------
        ValueError
            If there is no such key.
        """
        check_known(known)
        ids, remarks = set(filter(None, collected.values())), self.filled.said
        try:
            student = self.roster.find(*known)
        except ValueError as error:
            student = None
            if not ids:
                remarks.append(f"{name}: row skipped: {error}.")
                return {}
        if student is None and not ids:
            assignments = listed(assignment.name for assignment in self.standings.assignments)
            remarks.append(
                f"{name}: row skipped: no student in the gradebook matches it, and no work for "
                f"{assignments} was collected under it."
            )
            return {}
        ids |= {student.id} if student else set()
        earlier = sorted(ids & self.seen)
        if earlier and not is_group:
            remarks.append(f"{name}: row skipped: an earlier row belongs to {earlier[0]} as well.")
            return {}
        self.seen |= ids
        whose = {
            assignment.name: collected.get(assignment.name) or (student.id if student else "")
            for assignment in self.standings.assignments
        }
        return {name: self.standings.by_student[id_][name] for name, id_ in whose.items() if id_}


@dataclass
class Layout:
    """Positions of students and points in a platform's file.

    Attributes
    ----------
    columns
        Columns of the points: {assignment: column}.
    students
        Rows of students.
    find
        Function that returns the standings of a row by assignment, given `Rows` and the cells by
        title; it reports problems of the row.
    factor
        Function that returns the factor for the points of a standing in a row.
    exception
        Function that returns the content of a cell that gets no points, and enters the standing in
        `Filled`; it returns None for other cells. Its arguments are `Rows`, the old content, the
        standing, and all standings of the row.
    notes
        Columns of notes: {assignment: column}.
    has_names
        False if the file has no names.
    said
        Remarks for the instructor, a sentence each.
    """

    columns: Mapping[str, int]
    students: Sequence[list[str]]
    find: Callable[[Rows, Mapping[str, str]], dict[str, Standing]]
    factor: Callable[[Standing, list[str]], float] = lambda standing, row: 1.0
    exception: Callable[[Rows, str, Standing, Mapping[str, Standing]], str | None] = (
        lambda rows, cell, standing, row_standings: None
    )
    notes: Mapping[str, int] = field(default_factory=dict)
    has_names: bool = True
    said: Iterable[str] = ()


def check_layout(layout: object) -> None:
    """Raise TypeError if a platform has not returned a layout."""
    if not isinstance(layout, Layout):
        raise TypeError(f"read_layout must return a Layout, not {layout!r:.60}")
    for name in ("columns", "notes"):
        columns = getattr(layout, name)
        if not isinstance(columns, Mapping) or not all(type(n) is int for n in columns.values()):
            form = "{assignment: number of the column}"
            raise TypeError(f"Layout.{name} must be {form}, not {columns!r:.60}")


def _find(rows: Rows, layout: Layout, cells: Mapping[str, str]) -> dict[str, Standing]:
    """Return what `layout.find` returns for a row; raise TypeError if it is no dict."""
    standings = layout.find(rows, cells)
    if not isinstance(standings, dict):
        raise TypeError(f"find must return what Rows.find returns, a dict, not {standings!r:.60}")
    return standings


def fill_file(file: CsvFile, layout: Layout, standings: Standings, choices: Choices) -> Filled:
    """Write points and, if requested, notes into the rows of a platform's file."""
    filled = Filled(file)
    rows = Rows(standings.only(layout.columns), filled)
    standings_by_row = [(row, _find(rows, layout, file.cells(row))) for row in layout.students]
    for row, standings_before in standings_by_row:
        row_standings = {name: rows.settled(each) for name, each in standings_before.items()}
        noted: dict[int, list[Standing]] = {}
        for name, standing in row_standings.items():
            column = layout.columns[name]
            cell = layout.exception(rows, row[column], standing, row_standings)
            if cell is None:
                factor = layout.factor(standing, row)
                cell = fill(filled, standing, row[column], factor, choices)
            row[column] = cell
            if choices.notes and name in layout.notes:
                noted.setdefault(layout.notes[name], []).append(standing)
        for column, noted_standings in noted.items():
            row[column] = with_note(row[column], noted_standings)
    filled.said += _missing(rows.standings, rows.seen, layout.has_names)
    filled.said += layout.said
    return filled
