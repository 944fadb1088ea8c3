"""A class, from the list of a learning platform into nbgrader's gradebook.

The columns are those of Canvas's exported gradebook (Student or LastName and FirstName, ID, SIS
User ID, SIS Login ID) and of Moodle's lists: participants, grade export, grading worksheet (First
name, Last name or Surname, Full name, Username, ID number, Email address). Others can be named.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

import sqlalchemy as sql
from nbgrader.coursedir import CourseDirectory

from nbjudge.course import schema
from nbjudge.course.database import open_database, transaction
from nbjudge.course.standings import Person, read_people
from nbjudge.lms.canvas import NOBODY
from nbjudge.lms.csv_files import CsvFile
from nbjudge.lms.damaged_ids import check_ids

__all__ = ["FIELDS", "ClassChange", "compare", "read_class", "write_class"]

FIELDS: dict[str, tuple[str, ...]] = {  # the titles that a column may have, the best first
    "id": (
        "SIS Login ID",
        "Login ID",
        "Username",
        "SIS User ID",
        "SIS ID",
        "ID number",
        "Email address",
    ),
    "first_name": ("First name", "FirstName"),
    "last_name": ("Last name", "Surname", "LastName"),
    "name": ("Student", "Full name", "Name"),
    "email": ("Email address", "Email"),
    "lms_user_id": ("ID",),
}
_LONGEST = 128  # characters in a column of nbgrader's


@dataclass
class ClassChange:
    """How a class differs from a gradebook's.

    Attributes
    ----------
    new, changed, same
        Students as the gradebook is to have them.
    missing
        Students of the gradebook that the class does not have.
    """

    new: list[Person] = field(default_factory=list)
    changed: list[Person] = field(default_factory=list)
    same: list[Person] = field(default_factory=list)
    missing: list[Person] = field(default_factory=list)


def read_class(
    file: CsvFile, titles: Mapping[str, str] | None = None, people: Iterable[Person] = ()
) -> list[Person]:
    """The students of a list.

    Parameters
    ----------
    titles
        The titles of columns that are called otherwise than `FIELDS` says: {field: title}. The id
        is by default the first of its columns in which each student has another value.
    people
        The students that the gradebook has already.

    Raises
    ------
    ValueError
        Where a column is missing or was damaged by a spreadsheet, or a student has no id, or one
        that cannot be used.
    """
    titles = dict(titles or {})
    for name in titles.values():
        if name not in file.header:
            raise ValueError(f"There is no column {name}; the columns are {_listed(file.header)}.")
    columns = {
        name: file.column(titles[name]) if name in titles else file.column(*usual)
        for name, usual in FIELDS.items()
    }
    if columns["name"] is None and columns["last_name"] is None:
        raise ValueError(
            "This is no class list of Canvas or of Moodle in English: no column has the names "
            f"({', '.join(FIELDS['name'] + FIELDS['last_name'])}). Name it by --name or "
            f"--last-name; the columns are {_listed(file.header)}."
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
    usual = [titles["id"]] if "id" in titles else FIELDS["id"]
    column = _id_column(file, usual, [row for _, _, row in rows])
    return [_person(number, cells | {"id": row[column].strip()}) for number, cells, row in rows]


def _names(cells: Mapping[str, str]) -> tuple[str, str]:
    """Return the first and the last name in a row."""
    name = cells.get("name", "")
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return cells.get("first_name", "") or first.strip(), cells.get("last_name", "") or last.strip()


def _is_student(cells: Mapping[str, str]) -> bool:
    """Whether a row is of a student: Canvas has rows above them, and one for trying out."""
    names = cells.get("name", ""), cells.get("first_name", ""), cells.get("last_name", "")
    trial = cells.get("last_name") == "Student" and cells.get("first_name") == "Test"
    return any(names) and not trial and not set(names) & set(NOBODY)


def _id_column(file: CsvFile, titles: Iterable[str], rows: Collection[list[str]]) -> int:
    """The first column in which each row has another value, none of them empty."""
    reasons = []
    for title in titles:
        column = file.column(title)
        if column is None:
            continue
        values = [row[column].strip() for row in rows]
        twice = sorted({value for value in values if values.count(value) > 1})
        if all(values) and not twice:
            return column
        empty = values.count("")
        reasons.append(
            f"{title} is empty for {empty} of {len(rows)} students"
            if empty
            else f"{title} has {twice[0]} twice"
        )
    why = "; ".join(reasons) or "none of the usual columns is there"
    raise ValueError(
        f"No column can be the students' ids in nbgrader: {why}. Name another one by --id; the "
        f"columns are {_listed(file.header)}."
    )


def _person(number: int, cells: Mapping[str, str]) -> Person:
    """The student of a row."""
    student = cells["id"]
    if not student.isprintable() or student.startswith(".") or set(student) & set("/\\"):
        raise ValueError(
            f"Row {number}: {student!r} cannot be an id, as the student's folder is called so: it "
            "has no slash and does not begin with a dot. Name another column by --id."
        )
    email = cells.get("email", "") or (student if "@" in student else "")
    person = Person(student, *_names(cells), email, cells.get("lms_user_id", ""))
    for value in asdict(person).values():
        if len(value) > _LONGEST:
            raise ValueError(f"Row {number}: {value[:40]}... has more than {_LONGEST} characters.")
    return person


def compare(students: Iterable[Person], known: Iterable[Person]) -> ClassChange:
    """How a class differs from a gradebook's; a student is known by id or the platform's number.

    What the list does not say of a student stays as it is.

    Raises
    ------
    ValueError
        Where two of the list are one in the gradebook, or have each other's numbers there.
    """
    by_id = {person.id: person for person in known}
    by_number = {person.lms_user_id: person for person in by_id.values() if person.lms_user_id}
    change, seen = ClassChange(), dict[str, str]()
    for student in students:
        old = by_id.get(student.id) or by_number.get(student.lms_user_id)
        if old is None:
            change.new.append(student)
            continue
        if old.id in seen:
            raise ValueError(
                f"{seen[old.id]} and {student.id} of the list are {old.id} in the gradebook: by id "
                f"or by the platform's number, {old.lms_user_id}. Correct one of them there "
                "(nbgrader db student add)."
            )
        seen[old.id] = student.id
        other = by_number.get(student.lms_user_id, old)
        if other.id != old.id:
            raise ValueError(
                f"The list has the platform's number {student.lms_user_id} for {student.id}, and "
                f"the gradebook has it for {other.id}. Was one column sorted without the others? "
                "Download the list again, or correct the gradebook (nbgrader db student add)."
            )
        said = {name: value for name, value in asdict(student).items() if value and name != "id"}
        (change.same if (new := replace(old, **said)) == old else change.changed).append(new)
    change.missing = [person for person in by_id.values() if person.id not in seen]
    return change


def write_class(coursedir: CourseDirectory, students: Iterable[Person], dry: bool) -> ClassChange:
    """Enter a class into the gradebook, all of it or, where something fails, nothing.

    Parameters
    ----------
    dry
        Whether nothing is written.
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
    finally:
        engine.dispose()
    return change


def _row(person: Person) -> dict[str, str | None]:
    return {name: value or None for name, value in asdict(person).items()}


def _listed(titles: Collection[str]) -> str:
    return ", ".join(title for title in titles if title) or "(none)"
