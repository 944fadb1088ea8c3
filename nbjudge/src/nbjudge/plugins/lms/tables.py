"""Tables for spreadsheets and scripts: grades, questions, mistakes and totals."""

import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbjudge.files import put_file
from nbjudge.plugins.shared.csv_files import as_csv
from nbjudge.plugins.shared.diagnoses import read_diagnoses
from nbjudge.plugins.standings.standings import Person, Standings, State

Row = dict[str, Any]  # a tuple holds a list of texts


def grades(standings: Standings) -> Iterator[Row]:
    """Yield a row for each assignment and student, beginning with nbgrader export's columns.

    The scores are empty unless the work is graded.
    """
    for assignment in standings.assignments:
        for student in standings.students:
            standing = standings.by_student[student.id][assignment.name]
            graded = standing.state is State.GRADED
            yield {
                "assignment": assignment.name,
                "duedate": _time(assignment.duedate),
                "timestamp": _time(standing.submitted),
                **_names(student),
                "email": student.email,
                "raw_score": standing.earned if graded else None,
                "late_submission_penalty": standing.penalty if graded else None,
                "score": standing.points,
                "max_score": assignment.out_of,
                "state": str(standing.state),
                "why": standing.why,
            }


def questions(standings: Standings) -> Iterator[Row]:
    """Yield a row for each question and student, with the mistakes that cost points."""
    for assignment in standings.assignments:
        for student in standings.students:
            standing = standings.by_student[student.id][assignment.name]
            lost = _mistakes(standings, student, assignment.name)
            graded_by_question = {graded.question: graded for graded in standing.questions}
            for question in assignment.questions:
                graded = graded_by_question.get(question)
                state = standing.state
                if graded is not None:
                    state = State.WAITING if graded.points is None else State.GRADED
                yield {
                    "assignment": assignment.name,
                    "notebook": question.notebook,
                    "question": question.name,
                    **_names(student),
                    "score": graded.points if graded else None,
                    "max_score": question.out_of,
                    "state": str(state),
                    "by_hand": graded.by_hand if graded else "",
                    "mistakes": lost.get(question.name, ()),
                }


def mistakes(standings: Standings) -> Iterator[Row]:
    """Yield a row for each mistake in a question with the students affected, most first."""
    for assignment in standings.assignments:
        students_of: dict[tuple[str, str], list[str]] = {}
        graded: dict[str, int] = {}
        for student in standings.students:
            standing = standings.by_student[student.id][assignment.name]
            for question in standing.questions:
                name = question.question.name
                graded[name] = graded.get(name, 0) + (question.points is not None)
            for name, names in _mistakes(standings, student, assignment.name).items():
                for mistake in names:
                    students_of.setdefault((name, mistake), []).append(student.id)
        order = [question.name for question in assignment.questions]
        for (name, mistake), students in sorted(
            students_of.items(),
            key=lambda item: (order.index(item[0][0]), -len(item[1]), item[0][1]),
        ):
            yield {
                "assignment": assignment.name,
                "question": name,
                "mistake": mistake,
                "students": len(students),
                "graded": graded[name],
                "student_ids": tuple(students),
            }


def totals(standings: Standings) -> Iterator[Row]:
    """Yield a row for each student with the total points of all assignments that count."""
    for student in standings.students:
        total = standings.total(student)
        yield {
            **_names(student),
            "email": student.email,
            "score": total.points,
            "max_score": total.out_of,
            "counted": tuple(standing.assignment.name for standing in total.counted),
            "open": tuple(
                f"{standing.assignment.name} ({standing.state})" for standing in total.open
            ),
        }


TABLES: dict[str, Callable[[Standings], Iterator[Row]]] = {
    "grades": grades,
    "questions": questions,
    "mistakes": mistakes,
    "totals": totals,
}
COLUMNS = {  # columns of a table that may have no rows
    "mistakes": ("assignment", "question", "mistake", "students", "graded", "student_ids")
}
FORMATS = (".csv", ".json")


def write_table(name: str, standings: Standings, path: Path) -> int:
    """Write one of TABLES in the format of the file extension, and return the number of rows.

    Raises
    ------
    ValueError
        If the extension is not one of FORMATS.
    OSError
        If the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise ValueError(f"{path} must end in {' or '.join(FORMATS)}, which sets the format.")
    rows = list(TABLES[name](standings))
    if path.suffix == ".json":
        content = (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode()
    else:
        columns = tuple(rows[0]) if rows else COLUMNS.get(name, ())
        content = as_csv(columns, (tuple(row.values()) for row in rows))
    put_file(path, content)
    return len(rows)


def _names(student: Person) -> Row:
    return {
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
    }


def _time(when: datetime.datetime | None) -> str | None:
    return f"{when:%Y-%m-%d %H:%M:%S}" if when else None


def _mistakes(standings: Standings, student: Person, assignment: str) -> dict[str, tuple[str, ...]]:
    """Return the mistakes that cost a student points, by question."""
    standing = standings.by_student[student.id][assignment]
    lost = {graded.question.name for graded in standing.questions if graded.lost}
    if not lost:
        return {}
    diagnosed = standings.read(standing, read_diagnoses)
    return {name: names for name, (_, names) in diagnosed.items() if name in lost and names}
