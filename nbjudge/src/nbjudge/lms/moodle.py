"""Moodle: the names in its archives of submissions, and the files of grades that it imports.

A file in an archive is `Ada Lovelace_657737_assignsubmission_file_/padding.ipynb`, in folders or in
one folder, where a `_` stands for the `/`. The number is the participant's, another one in each
assignment. With anonymous submissions, `Participant` (in Moodle's language) stands for all names.
For groups, `Group 3-Ada Lovelace_657737` is a member's copy up to Moodle 4.0. Since then the group
has one copy, `Group 3_77` with the group's own number, and `Default group` has no number.

Grades go into Moodle's grading worksheet or grade export, or into a new file. Moodle leaves a grade
alone where a worksheet's cell is empty, and removes it where a gradebook import has "-". A
gradebook import in which one identifier is empty gives that row's grades to the student of the row
before, so a new file has only identifiers that all students have.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nbjudge.lms.csv_files import CsvFile, safe_text
from nbjudge.lms.damaged_ids import check_ids
from nbjudge.lms.matching import match_columns, plain
from nbjudge.lms.platform import GradesFile, Platform, UploadName

if TYPE_CHECKING:
    from nbjudge.course.standings import Person, Standing, Standings
    from nbjudge.lms.filling import Choices, Filled, Layout, Rows

_UPLOAD = re.compile(
    r"(?P<name>[^/_]+)(?:_(?P<number>\d+))?_assignsubmission_file(?:_?/|_)(?P<file>.+)"
)
_WORDS = re.compile(r"[^\W\d]\D*\s\D*[^\W\d]\D*")  # a full name: two words without a digit
NO_GRADE = "-"
WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
IDENTIFIERS = ("Email address", "Username", "ID number")


def _read_name(path: str, before: str) -> UploadName | None:
    match = _UPLOAD.fullmatch(path)
    if not match:
        return None
    name, number = match["name"], match["number"] or ""
    parts = name.split("-")  # a group's name may precede that of its member
    names = ("-".join(parts[start:]) for start in range(len(parts)))
    members = [member for member in names if member == name or _WORDS.fullmatch(member)]
    labels = [(name, f"_{number}" if number else "")]
    if _WORDS.fullmatch(name) and not name.endswith("-Participant"):
        labels.insert(0, (name, ""))
    known = tuple((("name", member),) for member in members)
    prefix = before + path[: match.start("file")]
    return UploadName("Moodle", prefix, match["file"], name, known, tuple(labels), number)


def _read_layout(file: CsvFile, standings: "Standings", choices: "Choices") -> "Layout":
    """Read a grading worksheet of an assignment, or a grade export."""
    named = [(_name_in(file.cells(row)), row) for row in file.rows[1:]]
    check_ids(file, named, standings.students)
    if all(title in file.header for title in WORKSHEET):
        return _worksheet(file, standings, choices)
    if not any(title in file.header for title in IDENTIFIERS):
        raise ValueError(
            "This is neither a grading worksheet nor a grade export of Moodle in English, which "
            f"have the columns {', '.join(WORKSHEET)} or one of {', '.join(IDENTIFIERS)}. Set your "
            "language in Moodle to English and download it again. "
            f"The columns are {', '.join(file.header)}."
        )
    return _export(file, standings, choices)


def _worksheet(file: CsvFile, standings: "Standings", choices: "Choices") -> "Layout":
    from nbjudge.lms.filling import Layout, check_maximum

    if len(standings.assignments) != 1:
        raise ValueError("A worksheet is of one assignment: name it, as in --assignment padding.")
    (assignment,) = standings.assignments
    maximum, comments = file.column("Maximum Grade"), file.column("Feedback comments")
    if choices.notes and comments is None:
        raise ValueError(
            "There is no column Feedback comments: set this feedback type in the settings of "
            "the assignment in Moodle, and download the worksheet again."
        )

    def factor(_: "Standing", row: list[str]) -> float:
        there = row[maximum] if maximum is not None else ""
        return check_maximum(assignment.out_of, there, assignment.name, choices)

    return Layout(
        {assignment.name: file.column("Grade") or 0},
        file.rows[1:],
        _find_changeable,
        factor,
        notes={} if comments is None else {assignment.name: comments},
        has_names="Full name" in file.header,
    )


def _export(file: CsvFile, standings: "Standings", choices: "Choices") -> "Layout":
    from nbjudge.lms.filling import Layout

    ends = " (Feedback)", " (Percentage)", " (Letter)"
    own = {*IDENTIFIERS, "First name", "Last name", "Surname", "Last downloaded from this course"}
    titles = {
        title: n
        for n, title in enumerate(file.header)
        if title not in own and not title.endswith(ends)
    }
    columns = match_columns(titles, standings, choices.columns)
    notes = {
        name: file.column(file.header[column].removesuffix(" (Real)") + " (Feedback)")
        for name, column in columns.items()
    }
    return Layout(
        columns,
        file.rows[1:],
        _find,
        notes={name: column for name, column in notes.items() if column is not None},
        said=_counted_twice(standings.only(columns)),
    )


def _find_changeable(rows: "Rows", cells: Mapping[str, str]) -> dict[str, "Standing"]:
    """Find the standing of the student of a worksheet's row, unless Moodle locks the row."""
    mine = _find(rows, cells)
    if cells.get("Grade can be changed", "").strip() != "No":
        return mine
    for standing in mine.values():
        student = standing.student.id
        rows.filled.said.append(f"{student}: left alone, as Moodle does not let it be changed.")
        rows.filled.kept.append(standing)
    return {}


def _find(rows: "Rows", cells: Mapping[str, str]) -> dict[str, "Standing"]:
    """Find the standings of the student of a row."""
    name = _name_in(cells)
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


def _collected(rows: "Rows", cells: Mapping[str, str]) -> tuple[dict[str, str], bool]:
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


def _name_in(cells: Mapping[str, str]) -> str:
    """Return the name in a row of Moodle, the first name first."""
    last = cells.get("Surname") or cells.get("Last name", "")
    return cells.get("Full name") or f"{cells.get('First name', '')} {last}".strip()


def _new(standings: "Standings", choices: "Choices") -> "Filled":
    """Return a file for Moodle's gradebook import, with a column for each assigned assignment.

    Work without points has "-", and the feedback of the assignment its state, with `choices.notes`.
    """
    from nbjudge.course.outcome import listed
    from nbjudge.lms.collected_names import read_names
    from nbjudge.lms.filling import Filled, fill, with_note

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


def _counted_twice(standings: "Standings") -> list[str]:
    """What to set in Moodle so that its total counts no work twice."""
    names = {assignment.name for assignment in standings.assignments}
    return [
        f"{whole} repeats {', '.join(sorted(names & set(parts)))}: let only one of the two count "
        "in Moodle's total, or export only one; `nbjudge export totals` counts no work twice."
        for whole, parts in standings.parts.items()
        if whole in names and names & set(parts)
    ]


PLATFORM = Platform(
    "Moodle",
    "Ada Lovelace_657737_assignsubmission_file_/FILE",
    "the assignment > Submissions > Download all submissions, in folders",
    _read_name,
    grades=GradesFile(
        "Fill a grading worksheet or a grade export of Moodle, or write a new file for its import.",
        "a CSV file from Moodle, in English; without it a new file is written",
        "the feedback",
        _read_layout,
        _new,
    ),
)
