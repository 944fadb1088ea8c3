"""Write the log of manual grades as CSV: who graded which answer, when, and how."""

from collections.abc import Iterator
from pathlib import Path

from nbjudge.course.assignment import Assignment
from nbjudge.files import put_file
from nbjudge.plugins.review.gradings import Gradings
from nbjudge.plugins.review.manual_grades import ManualGrades
from nbjudge.plugins.shared.csv_files import as_csv

COLUMNS = (
    "assignment",
    "notebook",
    "question",
    "student_id",
    "kind",
    "grader",
    "time",
    "score",
    "max_score",
    "counts",
    "comment",
)


def write_log(assignment: Assignment, path: Path) -> int:
    """Write the log of an assignment, with times in UTC, and return the number of rows.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    rows = list(_rows(assignment))
    try:
        put_file(path, as_csv(COLUMNS, rows))
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None
    return len(rows)


def _rows(assignment: Assignment) -> Iterator[tuple[object, ...]]:
    """Yield a row for each grading; the answers to a question are consecutive."""
    log = Gradings(assignment.records).all()
    graded = [grade for grade in ManualGrades(assignment.records).all() if grade.id in log]
    for grade in sorted(graded, key=lambda one: (one.notebook, one.cell, one.student)):
        last = log[grade.id][-1]
        for grading in log[grade.id]:
            counts = grading is last and grading.points == grade.manual_score
            yield (
                assignment.name,
                grade.notebook,
                grade.cell,
                grade.student,
                str(grading.kind),
                grading.grader,
                f"{grading.time:%Y-%m-%d %H:%M:%S}",
                grading.points,
                grade.out_of,
                "yes" if counts else "no",
                grading.comment,
            )
