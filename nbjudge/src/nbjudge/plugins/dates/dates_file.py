"""Read due dates and extensions from `dates.toml` in the course's folder.

nbgrader's gradebook has a due date for each assignment and an extension for each submission, but it
cannot store extensions of students who have not submitted yet. Instructors therefore write dates in
a file. Grading copies them to the gradebook, where all of nbgrader's tools find them. As in the
gradebook, times without a time zone are in UTC.
"""

import datetime
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from nbgrader.coursedir import CourseDirectory

from nbjudge.course import schema
from nbjudge.course.database import transaction
from nbjudge.course.dates import course_zone, duration_text, time_text
from nbjudge.course.times import check_year, in_utc, read_time
from nbjudge.wording import as_sentence, did_you_mean, nearest

if TYPE_CHECKING:
    from nbjudge.course.gradebook import Records

FILE = "dates.toml"
EVERY = "*"  # instead of an assignment: an extension for every assignment
NONE = "none"  # instead of a date: no due date
_WRITE = "Write a date as 2026-11-02, or a time with seconds as 2026-11-02 23:59:00"
_QUOTE = 'Ids with characters other than A-Z, a-z, 0-9, - and _ need quotes, such as "ada.l"'
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LONGER = re.compile(r"(\d{1,4}) ?(hour|day|week)s?")


@dataclass(frozen=True)
class DueDates:
    """The due date and the extensions of an assignment.

    Attributes
    ----------
    due
        Due date; None if there is none.
    extensions
        Extra time of students: {student: duration}.
    named
        Students with an extension specific to this assignment.
    """

    due: datetime.datetime | None
    extensions: Mapping[str, datetime.timedelta] = field(default_factory=dict)
    named: Collection[str] = ()


def read_dates(coursedir: CourseDirectory, known: Collection[str]) -> dict[str, DueDates] | None:
    """Return the dates of the assignments in `dates.toml`, or None if there is no such file.

    Parameters
    ----------
    known
        Names of the course's assignments. The file may have dates of assignments to come, unless
        the name is similar to that of an assignment without a date.

    Raises
    ------
    ValueError
        If the file is invalid; the message names the entry and the expected format.
    """
    try:
        content = tomllib.loads(Path(coursedir.root, FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{FILE} is not TOML: {error}. {_WRITE}. {_QUOTE}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{FILE} cannot be read: {error}") from None
    _check_names(content, ("due", "extensions"), "unknown table {!r}")
    due = _table(content, "due", "due")
    groups = _table(content, "extensions", "extensions")
    extensions = {name: _table(groups, name, f'extensions."{name}"') for name in groups}
    undated = set(known) - set(due)
    misspelled = [name for name in due if name not in known and nearest(name, undated)]
    _check_names(misspelled, undated, "[due] has {!r}, which is not an assignment of this course")
    _check_names(extensions, (*due, EVERY), "[extensions] has {!r}, which has no date in [due]")
    zone = course_zone(coursedir.config)
    dates = {}
    for name, value in due.items():
        when = None if value == NONE else _time(value, zone, f'due."{name}"')
        longer = {
            student: _extension(more, when, zone, group, student)
            for group in (EVERY, name)
            for student, more in extensions.get(group, {}).items()
            if when is not None
        }
        dates[name] = DueDates(when, longer, tuple(extensions.get(name, ())))
    return dates


def _table(content: Mapping[str, Any], name: str, path: str) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{FILE}: {path} must be a table, [{path}], not {table!r}")
    return table


def _check_names(names: Collection[str], known: Collection[str], message: str) -> None:
    for name in names:
        if name not in known:
            choices = ", ".join(sorted(known)) or "none"
            hint = did_you_mean(nearest(name, known))
            raise ValueError(f"{FILE}: {message.format(name)}{hint} (known: {choices})")


def _time(value: Any, zone: datetime.tzinfo, entry: str) -> datetime.datetime:
    """Return a time from the file in UTC; a date alone means the end of that day.

    A time without a time zone is in the course's time zone.
    """
    try:
        if isinstance(value, str):
            if not _DATE.fullmatch(value):
                return read_time(value, zone, (zone,))
            value = datetime.date.fromisoformat(value)
        if not isinstance(value, datetime.date):
            raise ValueError("expected a date")
        check_year(value)
    except ValueError as error:
        shown = repr(value) if isinstance(value, str) else value
        hint = f". {_QUOTE}" if isinstance(value, dict) else ""
        raise ValueError(
            f"{FILE}: {entry} is {shown}: {as_sentence(error)} {_WRITE}{hint}"
        ) from None
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time.max)
    return in_utc(value, zone)


def _extension(
    value: Any, due: datetime.datetime, zone: datetime.tzinfo, group: str, student: str
) -> datetime.timedelta:
    """Return a student's extension; zero if the student's own date is before the due date.

    An extension in days or weeks ends at the same time of day; hours are added to the due date.
    """
    entry, expected = (
        f'extensions."{group}"."{student}"',
        'a duration such as "2 days" or "12 hours"',
    )
    longer = _LONGER.fullmatch(value.strip()) if isinstance(value, str) else None
    if longer is None and group == EVERY:
        raise ValueError(
            f"{FILE}: {entry} is {value}; to extend every assignment, write {expected}"
        )
    if longer is None:
        try:
            until = _time(value, zone, entry)
        except ValueError as error:
            raise ValueError(f"{error}; or {expected}") from None
    elif longer[2] == "hour":
        until = due + datetime.timedelta(hours=int(longer[1]))
    else:
        wall = due.replace(tzinfo=datetime.UTC).astimezone(zone).replace(tzinfo=None)
        until = _time(wall + datetime.timedelta(**{f"{longer[2]}s": int(longer[1])}), zone, entry)
    return max(until - due, datetime.timedelta())


def source_of_dates(
    coursedir: CourseDirectory, known: Collection[str]
) -> Callable[["Records", datetime.tzinfo, Collection[str]], list[str]]:
    """Return a function that writes the dates of the file with `set_dates`."""
    dates = read_dates(coursedir, known)
    return lambda records, zone, students: set_dates(records, dates, zone, students)


def set_dates(
    records: "Records",
    dates: Mapping[str, DueDates] | None,
    zone: datetime.tzinfo,
    students: Collection[str],
) -> list[str]:
    """Write an assignment's dates to the gradebook and return remarks for the instructor.

    Without `dates.toml`, or if it does not name the assignment, the gradebook keeps its dates.

    Parameters
    ----------
    dates
        Return value of `read_dates`.
    students
        Students who have submitted something.
    """
    if dates is None:
        return []
    before = f"due {time_text(records.duedate, zone)}" if records.duedate else "without a due date"
    new = dates.get(records.assignment)
    if new is None:
        if not records.duedate:
            return []
        return [f"{FILE} does not list it, so it stays {before}, as in the gradebook"]
    remarks = []
    if records.duedate and records.duedate != new.due:
        after = f"due {time_text(new.due, zone)}" if new.due else "without a due date"
        remarks.append(f"it is now {after}, according to {FILE}; before, it was {before}")
    for student, extension in _write_dates(records, new.due, new.extensions).items():
        remarks.append(
            f"{student} no longer has an extension, because {FILE} has none; before, it was "
            f"{duration_text(extension.total_seconds())}"
        )
    known_students = records.students() | set(students)
    for student in new.extensions:
        hint = did_you_mean(nearest(student, known_students))
        # A student with an extension for every assignment need not have submitted this one.
        if student not in known_students and (hint or student in new.named):
            remarks.append(
                f"{FILE} has an extension for {student}, who is not in the gradebook and has "
                f"submitted nothing{hint}"
            )
    return remarks


def _write_dates(
    records: "Records",
    due: datetime.datetime | None,
    extensions: Mapping[str, datetime.timedelta],
) -> dict[str, datetime.timedelta]:
    """Write the due date and all extensions; later submissions get their extensions as well.

    Returns
    -------
    dict
        Extensions that were removed, by student.
    """
    assignment, submitted = schema.assignments, schema.submissions
    records.duedate, records.extensions = due, extensions
    query = sql.select(submitted.c.id, submitted.c.student_id, submitted.c.extension)
    taken = {}
    with transaction(records.engine) as db:
        change = sql.update(assignment).where(assignment.c.id == records.id)
        db.execute(change.values(duedate=due))
        for row in db.execute(query.where(submitted.c.assignment_id == records.id)).all():
            extension = extensions.get(row.student_id) or None
            if row.extension and not extension:
                taken[row.student_id] = row.extension
            if row.extension != extension:
                change = sql.update(submitted).where(submitted.c.id == row.id)
                db.execute(change.values(extension=extension))
    return taken


def all_extensions(records: "Records") -> dict[str, datetime.timedelta]:
    """Return all extensions, including those of students who have not submitted yet."""
    submitted = {s: points.extension for s, points in records.submission_points().items()}
    return {**submitted, **records.extensions}
