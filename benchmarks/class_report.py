"""How long the report about a class takes, and how large its page is; it makes classes to look at.

    python -m benchmarks.class_report [--students 24 200 1000] [--keep FOLDER] [--write]

The graded work of the sample class (`make grade`) is dealt among more students: some have submitted
nothing, some late, some work waits or cannot be graded, and the points of some moved in the last
run. Nothing is graded for it.
"""

import argparse
import os
import platform
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks._figures import show_figures
from tools.course import ROOT, assignments

SEED = 26
DUE = datetime(2026, 11, 2, 23, 59)
FIRST = (
    "Ada",
    "Björn",
    "Chidi",
    "Daniela",
    "Elif",
    "Grete",
    "Hồng",
    "İpek",
    "Maximiliane",
    "Óscar",
)
LAST = ("Lovelace", "Öztürk", "Nguyễn", "O'Neil", "García-Márquez", "Müller", "Papadopoulos", "Li")
COMMAND = (*(sys.executable, "-m", "nbjudge", "report"), "--code", "convnet", "--code", "exercises")


def deal(folder: Path, students: int, luck: random.Random) -> None:
    """Make a course in a folder whose students have graded work of the sample class."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("nbgrader_config.py", "gradebook.db"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("source", "release", "convnet", "exercises", "public_tests"):
        (folder / name).symlink_to(ROOT / name)
    with closing(sqlite3.connect(folder / "gradebook.db")) as db:
        owners = db.execute("select student_id, assignment_id, id from submitted_assignment")
        graded: dict[str, list[tuple[str, str]]] = {}
        for student, assignment, key in owners.fetchall():
            graded.setdefault(assignment, []).append((student, key))
        names = dict(db.execute("select id, name from assignment").fetchall())
        db.execute("update assignment set duedate = ?", (str(DUE),))
        db.execute("delete from nbjudge_change")
        for number in range(students):
            student = f"s{number:04}"
            person = luck.choice(FIRST), luck.choice(LAST), f"{student}@example.org"
            db.execute("insert into student values (?, ?, ?, ?, null)", (student, *person))
            for assignment, works in graded.items():
                if luck.random() < 0.9:
                    source, key = luck.choice(works)
                    _give(db, folder, student, names[assignment], source, key, luck)
        _forget_sample_class(db)
        db.commit()


def _forget_sample_class(db: sqlite3.Connection) -> None:
    theirs = "(select id from submitted_assignment where student_id not like 's0%')"
    notebooks = f"(select id from submitted_notebook where assignment_id in {theirs})"
    for table, column, ids in (
        ("grade", "notebook_id", notebooks),
        ("comment", "notebook_id", notebooks),
        ("submitted_notebook", "assignment_id", theirs),
        ("submitted_assignment", "id", theirs),
    ):
        db.execute(f"delete from {table} where {column} in {ids}")
    db.execute("delete from student where id not like 's0%'")


def _give(
    db: sqlite3.Connection,
    folder: Path,
    student: str,
    assignment: str,
    source: str,
    key: str,
    luck: random.Random,
) -> None:
    """Give a student the graded work of another."""
    (folder / "submitted" / student / assignment).mkdir(parents=True)
    if luck.random() < 0.01:
        why = f"{assignment}.ipynb is not there; there is homework.pdf"
        db.execute("insert into nbjudge_failure values (?, ?, ?)", (assignment, student, why))
        return
    late = luck.random() < 0.08
    when = DUE + timedelta(hours=luck.uniform(1, 60) if late else -luck.uniform(1, 100))
    mine = _copy(db, "submitted_assignment", "id", key, student_id=student, timestamp=str(when))[
        key
    ]
    penalty = luck.choice([0.5, 1, 2]) if late else None
    notebooks = _copy(
        db, "submitted_notebook", "assignment_id", key,
        assignment_id=mine, late_submission_penalty=penalty,
    )  # fmt: skip
    for old, new in notebooks.items():
        _copy(db, "grade", "notebook_id", old, notebook_id=new)
    target = folder / "autograded" / student / assignment
    target.mkdir(parents=True)
    for path in (ROOT / "autograded" / source / assignment).glob("*.ipynb"):
        try:
            os.link(path, target / path.name)
        except OSError:  # another file system
            shutil.copy(path, target)
    moved = luck.random() < 0.02
    text = (
        "12 -> 15 points (graded again, on time)"
        if moved
        else "15 points (graded for the first time)"
    )
    change = (assignment, student, str(DUE), 12.0 if moved else None, 15.0, text)
    db.execute("insert into nbjudge_change values (?, ?, ?, ?, ?, ?)", change)


def _copy(
    db: sqlite3.Connection, table: str, column: str, value: str, **changes: object
) -> dict[str, str]:
    """Copy the rows that have a value, with changes: {old id: new id}."""
    found = db.execute(f"select * from {table} where {column} = ?", (value,))
    columns = [name for name, *_ in found.description]
    ids = {}
    for row in found.fetchall():
        values = dict(zip(columns, row, strict=True))
        ids[values["id"]] = uuid.uuid4().hex
        values |= {**changes, "id": ids[values["id"]]}
        marks = ", ".join("?" * len(columns))
        db.execute(f"insert into {table} values ({marks})", tuple(values.values()))
    return ids


def processor_seconds() -> float:
    """What the commands so far have taken, which depends little on what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="+", default=[24, 200, 1000])
    parser.add_argument("--keep", type=Path, help="a folder for the classes, to look at them")
    parser.add_argument("--write", action="store_true", help="put the table in class_report.md")
    options = parser.parse_args()
    if not any((ROOT / "autograded").glob("*/*/*.ipynb")):
        raise SystemExit("There is no graded work to deal: run `make grade` first.")
    rows = []
    with tempfile.TemporaryDirectory(prefix="class-report-") as temporary:
        for students in options.students:
            folder = (options.keep or Path(temporary)) / str(students)
            deal(folder, students, random.Random(SEED))
            start = processor_seconds()
            subprocess.run(COMMAND, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            seconds, size = processor_seconds() - start, (folder / "report.html").stat().st_size
            works = len(list(folder.glob("autograded/*/*")))
            rows.append(f"| {students} | {works:,} | {seconds:.0f} | {size / 1e6:.1f} |")
    lines = [
        f"{len(assignments())} assignments; one processor is used; "
        f"Python {platform.python_version()}.",
        "",
        "| students | submissions | processor seconds | size of the page, MB |",
        "|--:|--:|--:|--:|",
        *rows,
    ]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)


if __name__ == "__main__":
    main()
