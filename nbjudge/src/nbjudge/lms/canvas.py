"""Grades for Canvas: a gradebook that was exported there, filled in, to be imported again.

Canvas reads the grades of the columns "Title (number)". It takes an empty cell where it has a grade
for a deletion, so cells without points keep what Canvas has exported: its own grade, nothing, or
"N/A" for an assignment that it has not given to this student. "EX" excuses a student, and takes the
assignment out of Canvas's total.
"""

import re
from collections.abc import Mapping

from nbjudge.course.standings import Standing, Standings, State
from nbjudge.lms.class_list import NOBODY
from nbjudge.lms.csv_files import CsvFile
from nbjudge.lms.damaged_ids import check_ids
from nbjudge.lms.filling import Choices, Filled, Rows, check_maximum, fill, missing, with_note
from nbjudge.lms.matching import match_columns

_TITLE = re.compile(r".+ \(\d+\)")
NOT_GIVEN, EXCUSED = "N/A", "EX"


def fill_canvas(file: CsvFile, standings: Standings, choices: Choices) -> Filled:
    """Write points into a gradebook that Canvas has exported.

    Where the file has columns of an assignment and of those that it repeats (`c.NbJudge.parts`),
    what does not count for a student is excused.

    Raises
    ------
    ValueError
        Where the file is no such gradebook, does not fit the course, has other maxima, or was
        damaged by a spreadsheet.
    """
    if file.column("ID") is None or file.column("Section") is None:
        raise ValueError(
            "This is no gradebook of Canvas, which has the columns ID and Section: in Canvas, open "
            f"Grades > Export > Export Entire Gradebook. The columns are {', '.join(file.header)}."
        )
    filled = Filled(file)
    possible = next((row for row in file.rows if row[0].strip() == "Points Possible"), None)
    titles = {title: n for n, title in enumerate(file.header) if _TITLE.fullmatch(title)}
    columns = match_columns(titles, standings, choices.columns)
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
            "There is no column Notes: show it in Canvas (Grades > View > Notes), and export again."
        )
    standings = standings.only(columns)
    rows = Rows(standings, filled)
    named = [(name_in(dict(zip(file.header, row, strict=True))), row) for row in file.rows[1:]]
    check_ids(
        file,
        [(name, row) for name, row in named if row is not possible and name not in NOBODY],
        standings.students,
    )
    for row in file.rows[1:]:
        if row is possible or not row[file.column("ID") or 0].strip():
            continue  # the rows above the students
        mine = _find(rows, file, row)
        counted = {standing.assignment.name for standing in standings.counted(mine)}
        for name, standing in mine.items():
            column = columns[name]
            if row[column].strip() == NOT_GIVEN:
                if standing.state is State.GRADED:
                    student = standing.student.id
                    filled.said.append(f"{name} of {student}: Canvas has not assigned it.")
                filled.kept.append(standing)
            elif standing.state is not State.NOT_ASSIGNED and name not in counted:
                row[column] = EXCUSED
                filled.written.append(standing)
            else:
                row[column] = fill(filled, standing, row[column], factors[name], choices)
        if notes is not None and mine:
            row[notes] = with_note(row[notes], mine.values())
    filled.said += missing(standings, rows.seen)
    return filled


def _find(rows: Rows, file: CsvFile, row: list[str]) -> dict[str, Standing]:
    """The standings of the student of a row; what is wrong with the row is said."""
    cells = dict(zip(file.header, row, strict=True))
    name = name_in(cells)
    known = [("lms_user_id", cells["ID"]), ("id", cells["ID"]), ("name", name)]
    for title in ("SIS User ID", "SIS Login ID"):
        known += [(kind, cells.get(title, "")) for kind in ("id", "lms_user_id", "email")]
    number = "Canvas", "number", cells["ID"].strip()
    names = [assignment.name for assignment in rows.standings.assignments]
    return rows.find(known, name, {name: rows.collected(name, [number]) for name in names})


def name_in(cells: Mapping[str, str]) -> str:
    """Return the name in a row of Canvas, the first name first."""
    last, _, first = cells.get("Student", "").partition(", ")
    name = f"{first} {last}" if first else last
    return name or f"{cells.get('FirstName', '')} {cells.get('LastName', '')}".strip()
