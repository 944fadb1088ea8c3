"""Grades for Moodle: its grading worksheet or grade export filled in, or a new file to import.

Moodle leaves a grade alone where a worksheet's cell is empty, and removes it where a gradebook
import has "-". A gradebook import in which one identifier is empty gives that row's grades to the
student of the row before, so a new file has only identifiers that all students have.
"""

from collections.abc import Callable, Mapping

from nbjudge.course.outcome import listed
from nbjudge.course.standings import Person, Standing, Standings
from nbjudge.lms.collected_names import read_names
from nbjudge.lms.csv_files import CsvFile, safe_text
from nbjudge.lms.damaged_ids import check_ids
from nbjudge.lms.filling import (
    Choices,
    Filled,
    Rows,
    check_maximum,
    fill,
    missing,
    with_note,
)
from nbjudge.lms.matching import match_columns, plain

NO_GRADE = "-"
WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
IDENTIFIERS = ("Email address", "Username", "ID number")


def fill_moodle(file: CsvFile, standings: Standings, choices: Choices) -> Filled:
    """Write points into a grading worksheet of an assignment, or into a grade export.

    Raises
    ------
    ValueError
        Where the file is neither of them, does not fit the course, has another maximum, or was
        damaged by a spreadsheet.
    """
    named = [(name_in(dict(zip(file.header, row, strict=True))), row) for row in file.rows[1:]]
    check_ids(file, named, standings.students)
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
    filled = Filled(file)
    rows = Rows(standings, filled)
    grade, maximum = file.column("Grade") or 0, file.column("Maximum Grade")
    locked, comments = file.column("Grade can be changed"), file.column("Feedback comments")
    if choices.notes and comments is None:
        raise ValueError(
            "There is no column Feedback comments: set this feedback type in the settings of "
            "the assignment in Moodle, and download the worksheet again."
        )
    for row in file.rows[1:]:
        standing = _find(rows, file, row).get(assignment.name)
        if standing is None:
            continue
        if locked is not None and row[locked].strip() == "No":
            student = standing.student.id
            filled.said.append(f"{student}: left alone, as Moodle does not let it be changed.")
            filled.kept.append(standing)
            continue
        there = row[maximum] if maximum is not None else ""
        factor = check_maximum(assignment.out_of, there, assignment.name, choices)
        row[grade] = fill(filled, standing, row[grade], factor, choices)
        if choices.notes and comments is not None:
            row[comments] = with_note(row[comments], [standing])
    filled.said += missing(standings, rows.seen, "Full name" in file.header)
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
    standings, filled = standings.only(columns), Filled(file)
    rows = Rows(standings, filled)
    for row in file.rows[1:]:
        for name, standing in _find(rows, file, row).items():
            column = columns[name]
            row[column] = fill(filled, standing, row[column], 1.0, choices)
            title = file.header[column].removesuffix(" (Real)") + " (Feedback)"
            feedback = file.column(title)
            if choices.notes and feedback is not None:
                row[feedback] = with_note(row[feedback], [standing])
    filled.said += missing(standings, rows.seen)
    filled.said += _counted_twice(standings)
    return filled


def _find(rows: Rows, file: CsvFile, row: list[str]) -> dict[str, Standing]:
    """The standings of the student of a row; what is wrong with the row is said."""
    cells = dict(zip(file.header, row, strict=True))
    name = name_in(cells)
    known = [
        ("email", cells.get("Email address", "")),
        ("id", cells.get("Email address", "")),
        ("id", cells.get("Username", "")),
        ("id", cells.get("ID number", "")),
        ("lms_user_id", cells.get("ID number", "")),
        ("name", name),
    ]
    collected, is_group = _collected(rows, cells)
    return rows.find(known, name or cells.get("Identifier", ""), collected, is_group)


def _collected(rows: Rows, cells: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """Return the id of the work that was collected for a row, and True if it is a group's work.

    The identifier "Participant 101" of a worksheet has the number of the participant in the
    archive. In an archive of groups the number is the group's own, unless the group's name is
    followed by that of the member.
    """
    number, group = cells.get("Identifier", "").rpartition(" ")[2], cells.get("Group", "").strip()
    if not number:
        return {}, False
    (assignment,) = (each.name for each in rows.standings.assignments)
    if not group:
        return {assignment: rows.collected(assignment, [("Moodle", "number", number)])}, False
    for record in rows.names.of(assignment):
        is_member = record.number == number and plain(record.name).startswith(plain(group))
        is_group = plain(record.name) == plain(group)
        fits = record.platform == "Moodle" and (is_member or is_group)
        if fits and rows.standings.has_work(record.student, assignment):
            return {assignment: record.student}, is_group
    return {}, False


def name_in(cells: Mapping[str, str]) -> str:
    """Return the name in a row of Moodle, the first name first."""
    last = cells.get("Surname") or cells.get("Last name", "")
    return cells.get("Full name") or f"{cells.get('First name', '')} {last}".strip()


def new_moodle(standings: Standings, choices: Choices) -> Filled:
    """A file for Moodle's gradebook import, with a column for each assignment that is assigned.

    Work without points has "-", and the feedback of the assignment its state, with `choices.notes`.
    """
    filled = Filled(CsvFile([[]]))
    made = {record.student for record in read_names(standings.coursedir).records}
    strangers = [
        person.id
        for person in standings.students
        if person.id in made and not person.is_on_class_list
    ]
    people = [person for person in standings.students if person.id not in strangers]
    if strangers:
        filled.said.append(
            f"Left out, as collecting made their ids, which Moodle does not know: "
            f"{listed(strangers)}. Fill the grading worksheet of the assignment instead."
        )
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
