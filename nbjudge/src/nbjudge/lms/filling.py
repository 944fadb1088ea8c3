"""What is written into a platform's file, whichever platform it is."""

import datetime
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from nbjudge.course.dates import DueDates, utc_now
from nbjudge.course.outcome import listed
from nbjudge.course.standings import Person, Standing, State
from nbjudge.lms.csv_files import CsvFile
from nbjudge.lms.matching import Roster

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
        Where it differs, and points are not to be converted.
    """
    try:
        maximum = float(there.replace(",", "."))
    except ValueError:  # the platform names none
        return 1.0
    if maximum == standing_out_of or not standing_out_of:
        return 1.0
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


def missing(people: Iterable[Person], seen: Container[str]) -> list[str]:
    """A sentence on the students whom a platform's file does not have, if there are any."""
    names = listed(person.id for person in people if person.id not in seen)
    return [f"Not in the file: {names}."] if names else []


def with_note(text: str, standings: Iterable[Standing]) -> str:
    """A text with a note on work that has no points, in the place of an earlier one."""
    states = "; ".join(
        f"{standing.assignment.name}: {standing.state}"
        for standing in standings
        if standing.state is not State.GRADED
    )
    text = _NOTE.sub("", text)
    return f"{text} [nbjudge: {states}]".lstrip() if states else text


def find_once(
    filled: Filled, roster: Roster, known: list[tuple[str, str]], name: str, seen: set[str]
) -> Person | None:
    """The student of a row of a platform's file, unless an earlier row has them."""
    try:
        student = roster.find(*known)
    except ValueError as error:
        filled.said.append(f"{name}: left alone, as {error}.")
        return None
    if student is None:
        filled.said.append(f"{name}: left alone, as the gradebook has no such student.")
    elif student.id in seen:
        filled.said.append(f"{name}: left alone, as an earlier row is {student.id}'s, too.")
        return None
    else:
        seen.add(student.id)
    return student
