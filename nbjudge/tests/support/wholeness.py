"""Check that grading left complete results: every score once and correct, every folder complete."""

import collections
import contextlib
import json

import sqlalchemy as sql

from tests.support.small_course import TABLES

__all__ = ["Reader", "problems"]

FINGERPRINTS = """
    select s.student_id, j.fingerprint from nbjudge_submission j
    join submitted_assignment s on s.id = j.submission_id
    join assignment a on a.id = s.assignment_id where a.name = 'ASSIGNMENT'
"""


class Reader:
    """Reads a gradebook in any database, even while another process writes it."""

    def __init__(self, db_url):
        self.engine = sql.create_engine(db_url, poolclass=sql.NullPool)

    def rows(self, query):
        """Return the rows of a query."""
        with self.snapshot() as rows:
            return rows(query)

    @contextlib.contextmanager
    def snapshot(self):
        """Yield a function that runs queries on one consistent snapshot."""
        with self.engine.connect() as db:
            if self.engine.dialect.name == "sqlite":
                # The sqlite3 driver begins a transaction only at the first change.
                db.exec_driver_sql("begin")
            else:
                db = db.execution_options(isolation_level="REPEATABLE READ")
            yield lambda query: [tuple(row) for row in db.execute(sql.text(query))]

    def has_been_graded(self):
        """True if the table that the first grading run creates exists."""
        return sql.inspect(self.engine).has_table("nbjudge_submission")


def problems(gradebook, root, assignment, expected, complete, files=()):
    """Describe what is missing, duplicate, incomplete or wrong in a graded class.

    Parameters
    ----------
    gradebook
        A Reader.
    root
        Folder of the course.
    expected
        {student: {grade_id: points}}, with None for a submission that cannot be graded.
    complete
        True if every result must exist.
    files
        Names of further files in each graded folder.
    """
    found, grades = [], collections.defaultdict(dict)
    with gradebook.snapshot() as rows:
        submissions, graded = rows(TABLES["submissions"]), rows(TABLES["grades"])
        marks = dict(rows(FINGERPRINTS.replace("ASSIGNMENT", assignment)))
    for of, student, _, name, points, *_ in graded:
        if of == assignment:
            if name in grades[student]:
                found.append(f"{student} has two rows for {name}")
            grades[student][name] = points
    students = [row[1] for row in submissions if row[0] == assignment]
    if len(set(students)) != len(students) or set(students) != set(grades):
        found.append("submissions are double or without grades")
    gradable = {student for student, points in expected.items() if points is not None}
    if surplus := sorted({*students, *marks} - gradable):
        found.append(f"nothing of {', '.join(surplus)} can be graded, and there are grades")
    if complete:
        lacking = sorted(gradable - (marks.keys() & set(students)))
        if lacking:
            found.append(f"{len(lacking)} of {len(gradable)} are not graded, as {lacking[0]}")
    for student in sorted(marks.keys() & gradable):
        for name, points in expected[student].items():
            if grades[student].get(name) != points:
                has = grades[student].get(name)
                found.append(f"{student} has {has} for {name} instead of {points}")
    for student, points in expected.items():
        mark = marks.get(student)
        found += _folder(root, assignment, student, points is not None, mark, complete, files)
    return found


def _folder(root, assignment, student, gradable, mark, complete, files):
    """Describe the problems of a student's graded folder, given its recorded fingerprint."""
    folder = root / "autograded" / student / assignment
    others = [path.name for path in folder.parent.glob(".*")] if folder.parent.exists() else []
    found = [f"{student} has {others}"] if complete and others else []
    if not folder.exists():
        return [*found, f"{student} has no folder"] if complete and gradable else found
    if not gradable:
        return [*found, f"{student} has a folder, and nothing to be graded"]
    try:
        notebook = json.loads((folder / f"{assignment}.ipynb").read_text())
        for name in files:
            (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        return [*found, f"{student} has half a folder: {error}"]
    if complete and notebook["metadata"]["nbjudge"]["fingerprint"] != mark:
        found.append(f"the notebook of {student} is not the graded one")
    return found
