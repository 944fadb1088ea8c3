"""Grades for Canvas: a gradebook that was exported there, filled in, to be imported again.

Canvas reads the grades of the columns "Title (number)". It takes an empty cell where it has a grade
for a deletion, so cells without points keep what Canvas has exported: its own grade, nothing, or
"N/A" for an assignment that it has not given to this student. "EX" excuses a student, and takes the
assignment out of Canvas's total.
"""

import re

from nbjudge.course.standings import Person, Standings, State
from nbjudge.lms.csv_files import CsvFile
from nbjudge.lms.filling import Choices, Filled, check_maximum, fill, find_once, missing, with_note
from nbjudge.lms.matching import Roster, match_columns

_TITLE = re.compile(r".+ \(\d+\)")
NOT_GIVEN, EXCUSED = "N/A", "EX"


def fill_canvas(file: CsvFile, standings: Standings, choices: Choices) -> Filled:
    """Write points into a gradebook that Canvas has exported.

    Where the file has columns of an assignment and of those that it repeats (`c.NbJudge.parts`),
    what does not count for a student is excused.

    Raises
    ------
    ValueError
        Where the file is no such gradebook, does not fit the course, or has other maxima.
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
    roster, seen = Roster(standings.students), set[str]()
    for row in file.rows[1:]:
        if row is possible or not row[file.column("ID") or 0].strip():
            continue  # the rows above the students
        student = _find(filled, roster, file, row, seen)
        if student is None:
            continue
        mine = standings.by_student[student.id]
        counted = {standing.assignment.name for standing in standings.counted(student.id)}
        for name, column in columns.items():
            standing = mine[name]
            if row[column].strip() == NOT_GIVEN:
                if standing.state is State.GRADED:
                    filled.said.append(f"{name} of {student.id}: Canvas has not assigned it.")
                filled.kept.append(standing)
            elif standing.state is not State.NOT_ASSIGNED and name not in counted:
                row[column] = EXCUSED
                filled.written.append(standing)
            else:
                row[column] = fill(filled, standing, row[column], factors[name], choices)
        if notes is not None:
            row[notes] = with_note(row[notes], mine.values())
    filled.said += missing(standings.students, seen)
    return filled


def _find(
    filled: Filled, roster: Roster, file: CsvFile, row: list[str], seen: set[str]
) -> Person | None:
    """The student of a row; what is wrong with the row is said."""
    cells = dict(zip(file.header, row, strict=True))
    last, _, first = cells.get("Student", "").partition(", ")
    name = f"{first} {last}" if first else last
    name = name or f"{cells.get('FirstName', '')} {cells.get('LastName', '')}".strip()
    known = [("lms_user_id", cells["ID"]), ("id", cells["ID"]), ("name", name)]
    for title in ("SIS User ID", "SIS Login ID"):
        known += [(kind, cells.get(title, "")) for kind in ("id", "lms_user_id", "email")]
    return find_once(filled, roster, known, name, seen)
