"""Grades for Moodle: its grading worksheet or grade export filled in, or a new file to import.

Moodle leaves a grade alone where a worksheet's cell is empty, and removes it where a gradebook
import has "-". A gradebook import in which one identifier is empty gives that row's grades to the
student of the row before, so a new file has only identifiers that all students have.
"""

from collections.abc import Callable

from nbjudge.course.outcome import listed
from nbjudge.course.standings import Person, Standings
from nbjudge.lms.csv_files import CsvFile, safe_text
from nbjudge.lms.filling import (
    Choices,
    Filled,
    check_maximum,
    fill,
    find_once,
    missing,
    with_note,
)
from nbjudge.lms.matching import Roster, match_columns

NO_GRADE = "-"
WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
IDENTIFIERS = ("Email address", "Username", "ID number")


def fill_moodle(file: CsvFile, standings: Standings, choices: Choices) -> Filled:
    """Write points into a grading worksheet of an assignment, or into a grade export.

    Raises
    ------
    ValueError
        Where the file is neither of them, does not fit the course, or has another maximum.
    """
    if all(title in file.header for title in WORKSHEET):
        return _fill_worksheet(file, standings, choices)
    if not any(title in file.header for title in IDENTIFIERS):
        raise ValueError(
            "This is neither a grading worksheet nor a grade export of Moodle in English, which "
            f"have the columns {', '.join(WORKSHEET)} or one of {', '.join(IDENTIFIERS)}. Set your "
            "language in Moodle to English and download it again. "
            f"The columns are {', '.join(file.header)}."
        )
    return _fill_export(file, standings, choices)


def _fill_worksheet(file: CsvFile, standings: Standings, choices: Choices) -> Filled:
    if len(standings.assignments) != 1:
        raise ValueError("A worksheet is of one assignment: name it, as in --assignment padding.")
    (assignment,) = standings.assignments
    filled, roster, seen = Filled(file), Roster(standings.students), set[str]()
    grade, maximum = file.column("Grade") or 0, file.column("Maximum Grade")
    locked, comments = file.column("Grade can be changed"), file.column("Feedback comments")
    if choices.notes and comments is None:
        raise ValueError(
            "There is no column Feedback comments: set this feedback type in the settings of "
            "the assignment in Moodle, and download the worksheet again."
        )
    for row in file.rows[1:]:
        student = _find(filled, roster, file, row, seen)
        if student is None:
            continue
        standing = standings.by_student[student.id][assignment.name]
        if locked is not None and row[locked].strip() == "No":
            filled.said.append(f"{student.id}: left alone, as Moodle does not let it be changed.")
            filled.kept.append(standing)
            continue
        there = row[maximum] if maximum is not None else ""
        factor = check_maximum(assignment.out_of, there, assignment.name, choices)
        row[grade] = fill(filled, standing, row[grade], factor, choices)
        if choices.notes and comments is not None:
            row[comments] = with_note(row[comments], [standing])
    filled.said += missing(standings.students, seen)
    return filled


def _fill_export(file: CsvFile, standings: Standings, choices: Choices) -> Filled:
    ends = " (Feedback)", " (Percentage)", " (Letter)"
    own = {*IDENTIFIERS, "First name", "Last name", "Surname", "Last downloaded from this course"}
    titles = {
        title: place
        for place, title in enumerate(file.header)
        if title not in own and not title.endswith(ends)
    }
    columns = match_columns(titles, standings, choices.columns)
    standings, filled, seen = standings.only(columns), Filled(file), set[str]()
    roster = Roster(standings.students)
    for row in file.rows[1:]:
        student = _find(filled, roster, file, row, seen)
        if student is None:
            continue
        for name, column in columns.items():
            standing = standings.by_student[student.id][name]
            row[column] = fill(filled, standing, row[column], 1.0, choices)
            title = file.header[column].removesuffix(" (Real)") + " (Feedback)"
            feedback = file.column(title)
            if choices.notes and feedback is not None:
                row[feedback] = with_note(row[feedback], [standing])
    filled.said += missing(standings.students, seen)
    filled.said += _counted_twice(standings)
    return filled


def _find(
    filled: Filled, roster: Roster, file: CsvFile, row: list[str], seen: set[str]
) -> Person | None:
    """The student of a row; what is wrong with the row is said."""
    cells = dict(zip(file.header, row, strict=True))
    last = cells.get("Surname") or cells.get("Last name", "")
    name = cells.get("Full name") or f"{cells.get('First name', '')} {last}".strip()
    known = [
        ("email", cells.get("Email address", "")),
        ("id", cells.get("Email address", "")),
        ("id", cells.get("Username", "")),
        ("id", cells.get("ID number", "")),
        ("lms_user_id", cells.get("ID number", "")),
        ("name", name),
    ]
    return find_once(filled, roster, known, name or cells.get("Identifier", ""), seen)


def new_moodle(standings: Standings, choices: Choices) -> Filled:
    """A file for Moodle's gradebook import, with a column for each assignment that is assigned.

    Work without points has "-", and the feedback of the assignment its state, with `choices.notes`.
    """
    people, filled = standings.students, Filled(CsvFile([[]]))
    identifiers: dict[str, Callable[[Person], str]] = {"Username": lambda person: person.id}
    if all(person.email for person in people):
        identifiers["Email address"] = lambda person: person.email
    else:
        without = listed(person.id for person in people if not person.email)
        filled.said.append(f"The file has no e-mail addresses, as these have none: {without}.")
    assigned = [one.name for one in standings.assignments if one.is_assigned]
    header = [*identifiers, "First name", "Last name"]
    for name in assigned:
        header += [name, f"{name} (Feedback)"] if choices.notes else [name]
    rows: list[list[str]] = []
    for person in people:
        row = [get(person) for get in identifiers.values()]
        row += [safe_text(person.first_name), safe_text(person.last_name)]
        for name in assigned:
            standing = standings.by_student[person.id][name]
            row.append(fill(filled, standing, NO_GRADE, 1.0, choices))
            if choices.notes:
                row.append(with_note("", [standing]))
        rows.append(row)
    filled.file = CsvFile([header, *rows])
    filled.said += _counted_twice(standings.only(assigned))
    return filled


def _counted_twice(standings: Standings) -> list[str]:
    """What to set in Moodle so that its total counts no work twice."""
    names = {assignment.name for assignment in standings.assignments}
    return [
        f"{whole} repeats {', '.join(sorted(names & set(parts)))}: let only one of the two count "
        "in Moodle's total, or export only one; `nbjudge export totals` counts no work twice."
        for whole, parts in standings.parts.items()
        if whole in names and names & set(parts)
    ]
