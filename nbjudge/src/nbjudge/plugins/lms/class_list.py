"""Import a class list from a learning platform into nbgrader's gradebook.

The default columns are those of the platforms' class lists and of `nbgrader db student import`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

import sqlalchemy as sql
from nbgrader.coursedir import CourseDirectory

from nbjudge.course import schema
from nbjudge.course.database import open_database, transaction
from nbjudge.plugins.lms.damaged_ids import check_ids
from nbjudge.plugins.lms.platform import ClassList
from nbjudge.plugins.lms.platforms import LISTS, PLATFORMS, either
from nbjudge.plugins.shared import tables
from nbjudge.plugins.shared.csv_files import CsvFile
from nbjudge.plugins.shared.text import folded_name
from nbjudge.plugins.standings.reading import read_people
from nbjudge.plugins.standings.standings import Person

__all__ = ["ClassChange", "compare", "read_class", "write_class"]

_NAMES = "first_name", "last_name", "name", "email", "lms_user_id"
_LISTS = [usual for name in LISTS if (usual := PLATFORMS[name].class_list)]
_LISTS.append(ClassList(("id",), {name: (name,) for name in _NAMES if name != "name"}))  # nbgrader
_NOBODY = {name for usual in _LISTS for name in usual.nobody}
_LONGEST = 128  # characters in a column of nbgrader's table


def _usual_titles(lists: Iterable[ClassList]) -> dict[str, tuple[str, ...]]:
    """Return the column titles of platforms' class lists by field, in order of preference."""
    titles = {"id": [title for usual in lists for title in usual.id_columns]}
    for name in _NAMES:
        titles[name] = [title for usual in lists for title in usual.columns.get(name, ())]
    titles["group"] = []  # a platform's groups may be those of a lab, so the column must be named
    return {name: tuple(dict.fromkeys(every)) for name, every in titles.items()}


def _lists_for(header: Collection[str]) -> list[ClassList]:
    """Return the class lists, first those of platforms whose own columns are all in the file.

    A platform's own columns are those that no other has: at least one for each field.
    """

    def is_it(usual: ClassList) -> bool:
        others = _usual_titles([other for other in _LISTS if other is not usual])
        taken = {title for titles in others.values() for title in titles}
        own = [{*titles} - taken for titles in _usual_titles([usual]).values()]
        return any(own) and all(not titles.isdisjoint(header) for titles in own if titles)

    return sorted(_LISTS, key=lambda usual: not is_it(usual))


@dataclass
class ClassChange:
    """Differences between a class list and the gradebook.

    Attributes
    ----------
    new, changed, same
        Students with the values for the gradebook.
    missing
        Students in the gradebook who are not in the class list.
    """

    new: list[Person] = field(default_factory=list)
    changed: list[Person] = field(default_factory=list)
    same: list[Person] = field(default_factory=list)
    missing: list[Person] = field(default_factory=list)


def read_class(
    file: CsvFile, titles: Mapping[str, str] | None = None, people: Iterable[Person] = ()
) -> list[Person]:
    """Read the students in a class list.

    Parameters
    ----------
    titles
        Titles of columns that differ from the platforms': {field: title}. By default, the titles of
        a platform whose own columns are all in the file are preferred, and the id is the first of
        its columns in which all values are different.
    people
        Students already in the gradebook.

    Raises
    ------
    ValueError
        If a column is missing or was damaged by a spreadsheet, or a student has no valid id.
    """
    titles = dict(titles or {})
    for name in titles.values():
        if name not in file.header:
            raise ValueError(f"There is no column {name}; the columns are {_listed(file.header)}.")
    lists = _lists_for(file.header)
    fields = _usual_titles(lists)
    columns = {
        name: file.column(titles[name]) if name in titles else file.column(*usual)
        for name, usual in fields.items()
    }
    if columns["name"] is None and columns["last_name"] is None:
        raise ValueError(
            f"This is not a class list of {either(LISTS)} with the usual columns: there is no "
            f"column of names ({', '.join(fields['name'] + fields['last_name'])}). Choose one with "
            f"--name or --last-name; the columns are {_listed(file.header)}."
        )
    rows = [
        (number, {name: row[n].strip() for name, n in columns.items() if n is not None}, row)
        for number, row in enumerate(file.rows[1:], start=2)
    ]
    rows = [(n, cells, row) for n, cells, row in rows if _is_student(cells)]
    if not rows:
        raise ValueError("The list has no students below its header.")
    named = [(_names(cells), row) for _, cells, row in rows]
    numbers = [titles[field] for field in ("lms_user_id",) if field in titles]
    others = [titles[field] for field in ("id",) if field in titles]
    check_ids(
        file, [(f"{first} {last}", row) for (first, last), row in named], people, numbers, others
    )
    usual = [titles["id"]] if "id" in titles else fields["id"]
    column = _id_column(file, usual, [row for _, _, row in rows])
    title = file.header[column]
    clean = next((usual.clean_id for usual in lists if title in usual.id_columns), str.strip)
    return [_person(number, cells | {"id": clean(row[column])}) for number, cells, row in rows]


def _names(cells: Mapping[str, str]) -> tuple[str, str]:
    """Return the first and the last name in a row."""
    name = cells.get("name", "")
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return cells.get("first_name", "") or first.strip(), cells.get("last_name", "") or last.strip()


def _is_student(cells: Mapping[str, str]) -> bool:
    """True if a row is a student; Canvas has rows above the students, and a test student."""
    name, first, last = (cells.get(field, "") for field in ("name", "first_name", "last_name"))
    return any((name, first, last)) and _NOBODY.isdisjoint((name, first, last, f"{last}, {first}"))


def _id_column(file: CsvFile, titles: Iterable[str], rows: Collection[list[str]]) -> int:
    """Return the index of the first column whose values are unique and not empty."""
    reasons = []
    for title in titles:
        column = file.column(title)
        if column is None:
            continue
        values = [row[column].strip() for row in rows]
        counts = Counter(map(folded_name, values))
        twice = sorted(value for value in values if counts[folded_name(value)] > 1)
        if all(values) and not twice:
            return column
        empty = values.count("")
        reasons.append(
            f"{title} is empty for {empty} of {len(rows)} students"
            if empty
            else f"{title} has {twice[0]} twice"
        )
    why = "; ".join(reasons) or "none of the usual columns exists"
    raise ValueError(
        f"No column can serve as the students' ids in nbgrader: {why}. Choose another one with "
        f"--id; the columns are {_listed(file.header)}."
    )


def _person(number: int, cells: Mapping[str, str]) -> Person:
    """Return the student of a row."""
    student = cells["id"]
    if not student.isprintable() or student.startswith(".") or set(student) & set("/\\"):
        raise ValueError(
            f"Row {number}: {student!r} cannot be an id. The id names the student's folder, so it "
            "must not contain a slash or begin with a dot. Choose another column with --id."
        )
    email = cells.get("email", "") or (student if "@" in student else "")
    numbers = cells.get("lms_user_id", ""), cells.get("group", "")
    person = Person(student, *_names(cells), email, *numbers)
    for value in asdict(person).values():
        if len(value) > _LONGEST:
            raise ValueError(f"Row {number}: {value[:40]}... has more than {_LONGEST} characters.")
    return person


def compare(students: Iterable[Person], known: Iterable[Person]) -> ClassChange:
    """Compare a class list with the gradebook; students match by id or the platform's number.

    Values that are missing from the list stay unchanged, and so does an id that has other capital
    letters in the list.

    Raises
    ------
    ValueError
        If two students of the list match the same student of the gradebook, the platform's numbers
        contradict the gradebook, or ids of different people differ only in capital letters.
    """
    by_id = {person.id: person for person in known}
    by_number = {person.lms_user_id: person for person in by_id.values() if person.lms_user_id}
    by_folded_id = {folded_name(person.id): person for person in by_id.values()}
    change, matched = ClassChange(), dict[str, str]()
    for student in students:
        old = by_id.get(student.id) or by_number.get(student.lms_user_id)
        old = old or _in_other_capitals(student, by_folded_id.get(folded_name(student.id)))
        if old is None:
            change.new.append(student)
            continue
        if old.id in matched:
            raise ValueError(
                f"{matched[old.id]} and {student.id} in the list both match {old.id} in the "
                f"gradebook, by id or by the platform's number, {old.lms_user_id}. Correct one of "
                "them in the gradebook (nbgrader db student add)."
            )
        matched[old.id] = student.id
        other = by_number.get(student.lms_user_id, old)
        if other.id != old.id:
            raise ValueError(
                f"The list has the platform's number {student.lms_user_id} for {student.id}, but "
                f"the gradebook has it for {other.id}. Was one column sorted without the others? "
                "Download the list again, or correct the gradebook (nbgrader db student add)."
            )
        values = {name: value for name, value in asdict(student).items() if value and name != "id"}
        (change.same if (new := replace(old, **values)) == old else change.changed).append(new)
    change.missing = [person for person in by_id.values() if person.id not in matched]
    return change


def _in_other_capitals(student: Person, old: Person | None) -> Person | None:
    """Return the student of the gradebook whose id differs only in capital letters, if any."""
    if old is None or (student.email and folded_name(student.email) == folded_name(old.email)):
        return old
    names = {folded_name(person.name) for person in (student, old) if person.name}
    if len(names) > 1:
        raise ValueError(
            f"{student.id} ({student.name}) in the list and {old.id} ({old.name}) in the gradebook "
            "differ only in capital letters, which some systems and platforms ignore. Correct the "
            "id or the name in the list or in the gradebook (nbgrader db student add)."
        )
    return old


def write_class(coursedir: CourseDirectory, students: Iterable[Person], dry: bool) -> ClassChange:
    """Write a class list to the gradebook in one transaction.

    Parameters
    ----------
    dry
        True to write nothing.
    """
    change = compare(students, read_people(coursedir))
    if dry or not (change.new or change.changed):
        return change
    schema.create_tables(coursedir.db_url, coursedir.course_id)
    table, engine = schema.students, open_database(coursedir.db_url)
    try:
        with transaction(engine) as db:
            for person in change.new:
                db.execute(sql.insert(table).values(_row(person)))
            for person in change.changed:
                db.execute(sql.update(table).where(table.c.id == person.id).values(_row(person)))
            _write_groups(db, [*change.new, *change.changed])
    finally:
        engine.dispose()
    return change


def _row(person: Person) -> dict[str, str | None]:
    """Return the student's row in nbgrader's table, which has no groups."""
    return {name: value or None for name, value in asdict(person).items() if name != "group"}


def _write_groups(db: sql.Connection, students: Iterable[Person]) -> None:
    grouped = [person for person in students if person.group]
    if grouped:
        tables.groups.create(db, checkfirst=True)
    for person in grouped:
        db.execute(sql.delete(tables.groups).where(tables.groups.c.student == person.id))
        db.execute(sql.insert(tables.groups).values(student=person.id, name=person.group))


def _listed(titles: Collection[str]) -> str:
    return ", ".join(title for title in titles if title) or "(none)"
