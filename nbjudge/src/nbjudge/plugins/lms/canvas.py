"""Canvas: file names in its archives of submissions, its gradebook and its class lists.

A file name such as `lovelaceada_1815_4711_padding.ipynb` consists of last and first name, `LATE_`
if the work is late, the student's number, the file's number and the file, with `-1` if it was
uploaded again. If the assignment is graded anonymously, the name is
`anon_x7Kd2_4711_padding.ipynb`. A text or a link that a student entered in Canvas is in
`lovelaceada_1815_text.html` or `lovelaceada_1815_link.html`.

Canvas removes all but letters, digits and "_" from a person's name, and writes it in lower case.
A name may contain "_" and digits, and many schools let students change their names. Therefore a
file name can have several readings.

Canvas imports the grades in the columns "Title (number)". An empty cell deletes an existing grade,
so cells without points keep the exported content: Canvas's own grade, nothing, or "N/A" for an
assignment that is not assigned to the student. "EX" excuses a student, and removes the assignment
from the student's total in Canvas.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nbjudge.plugins.lms.damaged_ids import check_ids
from nbjudge.plugins.lms.matching import match_columns
from nbjudge.plugins.lms.platform import ClassList, GradesFile, Platform, UploadName
from nbjudge.plugins.shared.csv_files import CsvFile

if TYPE_CHECKING:
    from nbjudge.plugins.lms.filling import Choices, Layout, Rows
    from nbjudge.plugins.standings.standings import Standing, Standings

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon_[^\W_]+)_(?P<upload>\d+)_(?P<file>.*)", re.DOTALL
)
_NUMBERS = re.compile(
    r"(?=_(?P<late>LATE_)?(?P<number>[1-9]\d*)_(?P<upload>[1-9]\d*)_(?P<file>.*))", re.DOTALL
)
_TYPED = re.compile(
    r"(?:(?P<name>.+?)_(?:LATE_)?(?P<number>[1-9]\d*)|(?:LATE_)?anon_[^\W_]+)_(?:text|link)\.html"
)
# ASCII characters that Canvas keeps in no name. Which others it keeps depends on its Ruby, whose
# letters include circled ones and those of other versions of Unicode than Python's.
_REMOVED = re.compile(r"[\0-,./:-^`{-\x7f]")
_TITLE = re.compile(r".+ \(\d+\)")
# Canvas imports no column whose title contains one of these, see its lib/gradebook_importer.rb.
_IGNORED = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
NOT_GIVEN, EXCUSED = "N/A", "EX"
NOBODY = ("Points Possible", "Student, Test", "Test Student")  # rows that are not students


def _read_names(entries: Sequence[str]) -> list[UploadName | None]:
    anonymous = [_read_anonymous(entry) for entry in entries]
    named = [_read_named(entry) for entry in entries]
    pairs = list(zip(anonymous, named, strict=True))
    if any(anonymous) and all(name or not readings for name, readings in pairs):
        return [name or _read_typed(entry) for name, entry in zip(anonymous, entries, strict=True)]
    names: dict[str, set[str]] = {}  # a person has one name in an archive
    for readings in named:
        if len(readings) == 1:
            names.setdefault(readings[0].number, set()).add(readings[0].name)
    chosen = [_choose(readings, names) for readings in named]
    return [name or _read_typed(entry) for name, entry in zip(chosen, entries, strict=True)]


def _choose(readings: Sequence[UploadName], names: Mapping[str, set[str]]) -> UploadName | None:
    """Return the first reading that no other name contradicts; keep the rest in `others`."""
    possible = [one for one in readings if one.name in names.get(one.number, {one.name})]
    possible = possible or list(readings)
    return replace(possible[0], others=tuple(possible[1:])) if possible else None


def _read_anonymous(entry: str) -> UploadName | None:
    match = _ANONYMOUS.fullmatch(entry.removesuffix("/"))
    return _upload(match, match["name"], "") if match and _has_file(match, entry) else None


def _read_typed(entry: str) -> UploadName | None:
    """Return the name of a text or a link that a student entered in Canvas."""
    match = _TYPED.fullmatch(entry)
    if not match or not _is_name(name := match["name"] or ""):
        return None
    number = match["number"] or ""
    return UploadName(
        platform="Canvas",
        prefix=entry,
        file="",
        name=name,
        labels=((entry, ""),),
        number=number,
        is_typed=True,
    )


def _read_named(entry: str) -> list[UploadName]:
    """Return all readings of a name, the one with the shortest person's name first."""
    bare = entry.removesuffix("/")
    return [
        _upload(match, name, match["number"])
        for match in _NUMBERS.finditer(bare)
        if _has_file(match, entry) and _is_name(name := bare[: match.start()])
    ]


def _has_file(match: re.Match[str], entry: str) -> bool:
    return bool(match["file"]) or entry.endswith("/")


def _is_name(name: str) -> bool:
    """True if Canvas can have written this name; older versions kept hyphens."""
    return not _REMOVED.search(name)


def _upload(match: re.Match[str], name: str, number: str) -> UploadName:
    known = ("lms_user_id", number), ("id", number), ("sortable", name)
    return UploadName(
        platform="Canvas",
        prefix=match.string[: match.start("file")],
        file=match["file"],
        name=name,
        known=(known,) if number else (),
        labels=((name, f"_{number}" if number else ""),) if name else ((number, ""),),
        number=number,
        upload=int(match["upload"]),
        late=bool(match["late"]),
    )


def gradebook(platform: str) -> GradesFile:
    """Return the grades file of Canvas, or of another platform that has Canvas's gradebook.

    Parameters
    ----------
    platform
        Name of the platform, for messages and for the numbers of collected work.
    """
    return GradesFile(
        purpose=f"Fill in a gradebook exported from {platform}, for import into {platform}.",
        file="the CSV file from Grades > Export > Export Entire Gradebook",
        notes="Notes",
        read_layout=functools.partial(_read_layout, platform),
    )


def _read_layout(
    platform: str, file: CsvFile, standings: "Standings", choices: "Choices"
) -> "Layout":
    """Read an exported gradebook.

    If the file has columns for an assignment and for those that it repeats (`c.NbJudge.parts`), the
    student is excused from those that do not count.
    """
    from nbjudge.plugins.lms.filling import Layout, check_maximum

    number = file.column("ID")
    if number is None or file.column("Section") is None:
        raise ValueError(
            f"This is not a {platform} gradebook: the columns ID and Section are missing. In "
            f"{platform}, choose Grades > Export > Export Entire Gradebook. "
            f"The columns are {', '.join(file.header)}."
        )
    possible = next((row for row in file.rows if row[0].strip() == "Points Possible"), None)
    titles = {title: n for n, title in enumerate(file.header) if _TITLE.fullmatch(title)}
    columns = match_columns(titles, standings, choices.columns, _bare_title)
    factors = {
        assignment.name: check_maximum(
            assignment.out_of,
            possible[columns[assignment.name]] if possible else "",
            assignment.name,
            choices,
        )
        for assignment in standings.assignments
        if assignment.name in columns
    }
    notes = file.column("Notes") if choices.notes else None
    if choices.notes and notes is None:
        raise ValueError(
            f"There is no column Notes: show it in {platform} (Grades > View > Notes), and export "
            "again."
        )
    rows = [row for row in file.rows[1:] if row is not possible]
    named = [(_name_in(file.cells(row)), row) for row in rows]
    named = [(name, row) for name, row in named if name not in NOBODY]
    check_ids(file, named, standings.students)
    return Layout(
        columns,
        [row for row in rows if row[number].strip()],  # rows without an ID are not students
        functools.partial(_find, platform),
        lambda standing, row: factors[standing.assignment.name],
        functools.partial(_exception, platform),
        {} if notes is None else dict.fromkeys(columns, notes),
        said=[
            f"{platform} ignores the column {title} when it imports the file, because of the words "
            f"{ignored[0]}: rename the assignment in {platform}, and export the gradebook again."
            for title, column in titles.items()
            if column in columns.values() and (ignored := _IGNORED.search(title))
        ],
    )


def _bare_title(title: str) -> str:
    """Return a title without Canvas's number of the assignment."""
    return re.sub(r" \(\d+\)$", "", title)


def _exception(
    platform: str,
    rows: "Rows",
    cell: str,
    standing: "Standing",
    row_standings: Mapping[str, "Standing"],
) -> str | None:
    """Keep the cell of an unassigned assignment; return EXCUSED for one that does not count."""
    from nbjudge.plugins.standings.standings import State

    name, filled = standing.assignment.name, rows.filled
    if cell.strip() == NOT_GIVEN:
        if standing.state is State.GRADED:
            filled.said.append(f"{name} of {standing.student.id}: not assigned in {platform}.")
        filled.kept.append(standing)
        return cell
    if standing.state is State.NOT_ASSIGNED or standing in rows.standings.counted(row_standings):
        return None
    filled.written.append(standing)
    return EXCUSED


def _find(platform: str, rows: "Rows", cells: Mapping[str, str]) -> dict[str, "Standing"]:
    """Return the standings of a row's student, by assignment."""
    name = _name_in(cells)
    known = [("lms_user_id", cells["ID"]), ("id", cells["ID"]), ("name", name)]
    for title in ("SIS User ID", "SIS Login ID"):
        known += [(kind, cells.get(title, "")) for kind in ("id", "lms_user_id", "email")]
    number = platform, "number", cells["ID"].strip()
    names = [assignment.name for assignment in rows.standings.assignments]
    return rows.find(known, name, {name: rows.collected(name, [number]) for name in names})


def _name_in(cells: Mapping[str, str]) -> str:
    """Return the student's name in a row, first name first."""
    last, _, first = cells.get("Student", "").partition(", ")
    name = f"{first} {last}" if first else last
    return name or f"{cells.get('FirstName', '')} {cells.get('LastName', '')}".strip()


PLATFORM = Platform(
    "Canvas",
    "lovelaceada_1815_4711_FILE",
    "the assignment > Download Submissions",
    _read_names,
    grades=gradebook("Canvas"),
    class_list=ClassList(
        ("SIS Login ID", "Login ID", "SIS User ID", "SIS ID"),
        {
            "first_name": ("FirstName",),
            "last_name": ("LastName",),
            "name": ("Student", "Name"),
            "lms_user_id": ("ID",),
        },
        NOBODY,
    ),
)
