"""Moodle: file names in its archives of submissions, its grades files and its class lists.

A path in an archive is, for example, `Ada Lovelace_657737_assignsubmission_file_/padding.ipynb`; in
archives without folders, `_` replaces `/`. Moodle replaces "_" in names, so that the first one ends
the name. The number belongs to the participant and differs in
each assignment. In anonymous submissions, `Participant` (in Moodle's language) replaces all names.
For groups, `Group 3-Ada Lovelace_657737` is a member's copy up to Moodle 4.0. Newer versions have
one copy per group, `Group 3_77` with the group's own number; `Default group` has no number.

Grades go into Moodle's grading worksheet or grade export, or into a new file. An empty cell in a
worksheet leaves a grade unchanged, and "-" in a gradebook import removes it. If an identifier in a
gradebook import is empty, Moodle assigns the row's grades to the student of the previous row;
therefore a new file has only identifiers that all students have.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbjudge.plugins.lms.damaged_ids import check_ids
from nbjudge.plugins.lms.matching import match_columns
from nbjudge.plugins.lms.platform import ClassList, GradesFile, Platform, UploadName
from nbjudge.plugins.shared.csv_files import CsvFile, safe_text
from nbjudge.plugins.shared.text import plain

if TYPE_CHECKING:
    from nbjudge.plugins.lms.filling import Choices, Filled, Layout, Rows
    from nbjudge.plugins.standings.standings import Person, Standing, Standings

_UPLOAD = re.compile(
    r"(?P<name>[^/_]+)(?:_(?P<number>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
_WORDS = re.compile(r"[^\W\d]\D*\s\D*[^\W\d]\D*")  # a full name: two words without digits
NO_GRADE = "-"
WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
IDENTIFIERS = ("Email address", "Username", "ID number")


def _read_names(entries: Sequence[str]) -> list[UploadName | None]:
    matches = [_UPLOAD.fullmatch(entry.removesuffix("/")) for entry in entries]
    matches = [
        match if match and (match["file"] or entry.endswith("/")) else None
        for match, entry in zip(matches, entries, strict=True)
    ]
    names = {match["name"] for match in matches if match}
    groups = Counter(name.partition("-")[0] for name in names)
    are_groups = all("-" in name for name in names) and max(groups.values(), default=0) > 1
    return [_upload(match, are_groups) if match else None for match in matches]


def _upload(match: re.Match[str], are_groups: bool) -> UploadName:
    """Return the name of an upload.

    Parameters
    ----------
    are_groups
        True if a group's name may precede the member's name: all names of the archive have that
        form, and two members are of the same group.
    """
    name, number = match["name"], match["number"] or ""
    parts = name.split("-")
    names = ("-".join(parts[start:]) for start in range(len(parts) if are_groups else 1))
    members = [member for member in names if member == name or _WORDS.fullmatch(member)]
    labels = [(name, f"_{number}" if number else "")]
    if _WORDS.fullmatch(name) and not name.endswith("-Participant"):
        labels.insert(0, (name, ""))
    known = tuple((("name", member),) for member in members)
    file, is_typed = match["file"] or "", match["plugin"] != "file"
    prefix = match.string.removesuffix(file)
    return UploadName(
        platform="Moodle",
        prefix=prefix,
        file=file,
        name=name,
        known=known,
        labels=tuple(labels),
        number=number,
        is_typed=is_typed,
    )


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
    from nbjudge.plugins.lms.filling import Layout, check_maximum

    if len(standings.assignments) != 1:
        raise ValueError(
            "A worksheet belongs to one assignment: name it, for example with --assignment padding."
        )
    (assignment,) = standings.assignments
    maximum, comments = file.column("Maximum Grade"), file.column("Feedback comments")
    if choices.notes and comments is None:
        raise ValueError(
            "There is no column Feedback comments: enable this feedback type in the assignment's "
            "settings in Moodle, and download the worksheet again."
        )

    def factor(_: "Standing", row: list[str]) -> float:
        platform_maximum = row[maximum] if maximum is not None else ""
        return check_maximum(assignment.out_of, platform_maximum, assignment.name, choices)

    return Layout(
        {assignment.name: file.column("Grade") or 0},
        file.rows[1:],
        _find_changeable,
        factor,
        notes={} if comments is None else {assignment.name: comments},
        has_names="Full name" in file.header,
    )


def _export(file: CsvFile, standings: "Standings", choices: "Choices") -> "Layout":
    from nbjudge.plugins.lms.filling import Layout

    ends = " (Feedback)", " (Percentage)", " (Letter)"
    own = {*IDENTIFIERS, "First name", "Last name", "Surname", "Last downloaded from this course"}
    titles = {
        title: n
        for n, title in enumerate(file.header)
        if title not in own and not title.endswith(ends)
    }
    columns = match_columns(titles, standings, choices.columns, _bare_title)
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


def _bare_title(title: str) -> str:
    """Return a title without Moodle's type of the activity and of the grade."""
    return re.sub(r"^\w+: ", "", title.removesuffix(" (Real)"))


def _find_changeable(rows: "Rows", cells: Mapping[str, str]) -> dict[str, "Standing"]:
    """Return the standing of a worksheet row's student, unless Moodle locks the row."""
    row_standings = _find(rows, cells)
    if cells.get("Grade can be changed", "").strip() != "No":
        return row_standings
    for standing in row_standings.values():
        student = standing.student.id
        rows.filled.said.append(f"{student}: row skipped: Moodle has locked the grade.")
        rows.filled.kept.append(standing)
    return {}


def _find(rows: "Rows", cells: Mapping[str, str]) -> dict[str, "Standing"]:
    """Return the standings of a row's student, by assignment."""
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
    """Return the id under which a row's work was collected, and True if it is a group's work.

    A worksheet's identifier, such as "Participant 101", has the participant's number in the
    archive. In an archive of groups, the number is the group's own, unless the name of a member
    follows the group's name.
    """
    number, group = cells.get("Identifier", "").rpartition(" ")[2], cells.get("Group", "").strip()
    if not number:
        return {}, False
    (assignment,) = (assignment.name for assignment in rows.standings.assignments)
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
    """Return the student's name in a row, first name first."""
    last = cells.get("Surname") or cells.get("Last name", "")
    return cells.get("Full name") or f"{cells.get('First name', '')} {last}".strip()


def _new(standings: "Standings", choices: "Choices") -> "Filled":
    """Create a file for Moodle's gradebook import, with a column for each assigned assignment.

    Work without points gets "-" and, with `choices.notes`, its state as the feedback.
    """
    from nbjudge.course.outcome import listed
    from nbjudge.plugins.lms.collected_names import read_names
    from nbjudge.plugins.lms.filling import Filled, fill, with_note

    filled = Filled(CsvFile([[]]))
    generated = {record.student for record in read_names(standings.coursedir).records}
    strangers = [
        person.id
        for person in standings.students
        if person.id in generated and not person.is_on_class_list
    ]
    people = [person for person in standings.students if person.id not in strangers]
    if strangers:
        filled.said.append(
            "Left out, because their ids were generated when collecting and are unknown to Moodle: "
            f"{listed(strangers)}. Fill in the grading worksheet of the assignment instead."
        )
    identifiers: dict[str, Callable[[Person], str]] = {"Username": lambda person: person.id}
    if all(person.email for person in people):
        identifiers["Email address"] = lambda person: person.email
    else:
        without = listed(person.id for person in people if not person.email)
        filled.said.append(
            f"The file has no e-mail addresses, because some students have none: {without}."
        )
    assigned = [assignment.name for assignment in standings.assignments if assignment.is_assigned]
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
    """Return advice for settings in Moodle so that its total counts no work twice."""
    names = {assignment.name for assignment in standings.assignments}
    return [
        f"{whole} repeats {', '.join(sorted(names & set(parts)))}: include only one of the two in "
        "Moodle's total, or export only one; `nbjudge export totals` counts no work twice."
        for whole, parts in standings.parts.items()
        if whole in names and names & set(parts)
    ]


PLATFORM = Platform(
    "Moodle",
    "Ada Lovelace_657737_assignsubmission_file_/FILE",
    "the assignment > Submissions > Download all submissions, in folders",
    _read_names,
    grades=GradesFile(
        purpose="Fill in a grading worksheet or a grade export of Moodle, or write a new file for "
        "import.",
        file="a CSV file from Moodle, in English; by default, a new file is written",
        notes="the feedback",
        read_layout=_read_layout,
        new=_new,
    ),
    class_list=ClassList(
        ("Username", "ID number", "Email address"),
        {
            "first_name": ("First name",),
            "last_name": ("Last name", "Surname"),
            "name": ("Full name",),
            "email": ("Email address", "Email"),
        },
    ),
)
