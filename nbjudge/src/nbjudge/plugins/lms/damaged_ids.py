"""Detect ids damaged by a spreadsheet, which could be mistaken for another student's id.

A spreadsheet reads ids as numbers or dates, and saves the displayed values: 1.0901E+17, zeros
beyond the 15th digit, 42 for 0042, 1-Mar for mar1.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nbjudge.plugins.shared.csv_files import CsvFile
from nbjudge.plugins.shared.text import folded_name

if TYPE_CHECKING:
    from nbjudge.plugins.standings.standings import Person

NUMBERS = ("ID", "Identifier")  # columns with unique values
COLUMNS = (
    *NUMBERS,
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Login ID",
    "SIS ID",
    "Username",
    "ID number",
    "id",
)
DIGITS = 15  # significant digits that a spreadsheet keeps
_ENOUGH = 4  # trailing zeros that are not a coincidence: each has a chance of 1 in 10
_SHOWN = re.compile(
    r"[+-]?\d+(?:[.,]\d+)?[Ee][+-]\d+"  # scientific notation
    r"|\d+\.0"  # a fraction
    r"|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|#(?:NAME\?|VALUE!|REF!|NUM!|N/A|DIV/0!)|###+"
)


def check_ids(
    file: CsvFile,
    rows: Sequence[tuple[str, list[str]]],
    people: "Iterable[Person]",
    numbers: Iterable[str] = (),
    others: Iterable[str] = (),
) -> None:
    """Raise ValueError if a spreadsheet has damaged a column of ids.

    Parameters
    ----------
    rows
        Name and row of each student.
    people
        Students in the gradebook, if any.
    numbers, others
        Titles of further columns of ids. Each value in `numbers` stands in one row; each value in
        `others` belongs to one student, who may have several rows. Cells may be empty. Columns with
        the same number for many students, such as a section, are no ids: leave them out.

    Raises
    ------
    ValueError
        If values have a spreadsheet's format, are equal for different students, or are rounded.
    """
    by_id = [(id_, person) for person in people for id_ in (person.id, person.lms_user_id) if id_]
    for column, title in enumerate(file.header):
        if title in (*COLUMNS, *numbers, *others):
            cells = [(name, row[column].strip()) for name, row in rows if row[column].strip()]
            is_number = title in (*NUMBERS, *numbers)
            if is_number and (again := _is_repeated(cells)):
                raise ValueError(f"{title} has {again}: remove all but one of these rows.")
            why = _is_shown(cells) or _is_equal(cells, is_number) or _is_rounded(cells)
            if why := why or _differs(cells, by_id):
                raise ValueError(
                    f"{title} has {why}; download the file again and do not save it from a "
                    "spreadsheet."
                )


def _is_shown(cells: Sequence[tuple[str, str]]) -> str:
    """Describe the values in a spreadsheet's display format; "" if there are none."""
    return _counted(value for _, value in cells if _SHOWN.fullmatch(value))


def _is_equal(cells: Sequence[tuple[str, str]], is_number: bool) -> str:
    """Describe the numbers shared by several students; "" if there are none.

    One student may have several rows.
    """
    names: dict[str, list[str]] = {}
    for row, (name, value) in enumerate(cells):
        if is_number or value.isdigit():
            names.setdefault(value, []).append(str(row) if is_number else name)
    shared = {value: len(whose) for value, whose in names.items() if len(set(whose)) > 1}
    return _counted(Counter(shared).elements())


def _is_repeated(cells: Sequence[tuple[str, str]]) -> str:
    """Describe the first number in several rows if each such number has one name; else ""."""
    names: dict[str, list[str]] = {}
    for name, value in cells:
        names.setdefault(value, []).append(name)
    shared = {value: whose for value, whose in names.items() if len(whose) > 1}
    if not shared or any(len(set(whose)) > 1 or not whose[0] for whose in shared.values()):
        return ""
    value, whose = next(iter(shared.items()))
    return f"{value} in {len(whose)} rows, all of {whose[0]}"


def _is_rounded(cells: Sequence[tuple[str, str]]) -> str:
    """Describe the long numbers if all of them have only zeros after DIGITS digits; else ""."""
    ends = {value: value[DIGITS:] for _, value in cells if value.isdigit() and value[DIGITS:]}
    zeros = "".join(ends.values())
    if len(zeros) < _ENOUGH or zeros.strip("0"):
        return ""
    return f"{_counted([*ends])}, rounded to {DIGITS} digits"


def _differs(cells: Sequence[tuple[str, str]], known: "Sequence[tuple[str, Person]]") -> str:
    """Describe a number that the gradebook has with other digits for the same student; else ""."""
    ids = {id_ for id_, _ in known}
    for name, value in cells:
        if not value.isdigit() or value in ids:
            continue
        for id_, person in known:
            is_shorter = id_.isdigit() and id_.lstrip("0") == value
            is_rounded = len(id_) > DIGITS and id_[:DIGITS].ljust(len(id_), "0") == value
            is_student = not person.name or folded_name(person.name) == folded_name(name)
            if (is_shorter or is_rounded) and is_student:
                return f"{value} for {name or person.id}, but the gradebook has {id_}"
    return ""


def _counted(values: Iterable[str]) -> str:
    """Return the most frequent value and the number of affected students; "" without values."""
    counts = Counter(values)
    if not counts:
        return ""
    (value, _), more = counts.most_common(1)[0], " and similar values" if len(counts) > 1 else ""
    students = "1 student" if counts.total() == 1 else f"{counts.total()} students"
    return f"{value}{more} for {students}"
