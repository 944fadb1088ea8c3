"""Measure the submissions per second that are written to a gradebook, in SQLite and PostgreSQL.

    make bench NAME=engine.gradebook ARGS="[--submissions 1000] [--rounds 3]"

Needs PostgreSQL. The scores of the assignment backprop and the details of grading are written for a
class, first as new submissions and then with other points. Nothing is judged, and no folder is
written. The ways of writing take turns in one run:

nbgrader   nbgrader's own interface, as `nbgrader autograde` records points (fewer of them)
one by one `save_all`, a transaction per submission, as with one worker
together   `Saver`, from 100 threads, as on a cluster

Both databases are on this machine's disk and write every commit to it.
"""

import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sql
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress

from benchmarks._figures import argument_parser, show_figures
from benchmarks.engine._cluster import new_database, postgresql
from benchmarks.engine.grading import NBJUDGE, released, run
from nbjudge.course.gradebook import Records
from nbjudge.course.saving import Result, Saver, Scores, save_all

ASSIGNMENT = "backprop"
THREADS = 100
STOCK = 50  # submissions for nbgrader, which is slow

console = Console(stderr=True, highlight=False)


def results(records: Records, count: int, points: float) -> list[Result]:
    """Return the results of a class in which all students have the same points."""
    notebooks = {
        name: Scores({grade_id: points for grade_id in cells}, [])
        for name, cells in records.cells.items()
    }
    report = {"repairs": [], "errors": [], "isolation": "full", "seconds": 0.25}
    return [
        Result(
            student=f"student{number:05}",
            notebooks=notebooks,
            fingerprint="f" * 64,
            work="w" * 64,
            report=report,
            files="h" * 64,
        )
        for number in range(count)
    ]


def one_by_one(url: str, count: int, points: float) -> None:
    """Write a class with one transaction per submission."""
    records = Records(url, "", ASSIGNMENT)
    for result in results(records, count, points):
        save_all(records, [result])
    records.close()


def together(url: str, count: int, points: float) -> None:
    """Write the results of a class from many threads."""
    records = Records(url, "", ASSIGNMENT)
    saver = Saver(records)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(saver.save, results(records, count, points)))
    records.close()


def stock(url: str, count: int, points: float) -> None:
    """Write a class through nbgrader's interface, as its preprocessors do."""
    warnings.simplefilter("ignore", sql.exc.SAWarning)  # caused by nbgrader's own code
    with Gradebook(url) as gradebook:
        for number in range(count):
            student = f"student{number:05}"
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(ASSIGNMENT, student)
            for cell in gradebook.find_notebook(ASSIGNMENT, ASSIGNMENT).grade_cells:
                grade = gradebook.find_grade(cell.name, ASSIGNMENT, ASSIGNMENT, student)
                grade.auto_score = points
                gradebook.db.commit()


WAYS: dict[str, Callable[[str, int, float], None]] = {
    "nbgrader": stock,
    "one by one": one_by_one,
    "together": together,
}


def read_points(url: str) -> list[float]:
    """Read all points of a gradebook once."""
    engine = sql.create_engine(url, poolclass=sql.NullPool)
    with engine.connect() as db:
        return list(db.execute(sql.text("select distinct auto_score from grade")).scalars())


def measure(url: str, way: str, count: int) -> tuple[float, float]:
    """Return submissions per second: new ones, and the same ones with other points."""
    rates = []
    for points in (1.0, 0.5):
        start = time.perf_counter()
        WAYS[way](url, count, points)
        rates.append(count / (time.perf_counter() - start))
        if read_points(url) != [points]:
            raise SystemExit(f"{way}: expected {url} to have only scores of {points}.")
    return rates[0], rates[1]


def compare(count: int, rounds: int, folder: Path) -> dict[tuple[str, str], Sequence[float]]:
    """Return median submissions per second: {(database, way): (new, again)}."""
    course = released(folder / "course", ASSIGNMENT)
    empty = (course / "gradebook.db").read_bytes()
    rates: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with postgresql() as server, Progress(console=console) as progress:
        run([*NBJUDGE, "copy-gradebook", new_database(server, "template")], course)
        task = progress.add_task("Writing", total=rounds * len(WAYS) * 2)
        for _ in range(rounds):
            for way in WAYS:
                for database in ("SQLite", "PostgreSQL"):
                    (folder / "new.db").write_bytes(empty)
                    url = f"sqlite:///{folder}/new.db"
                    if database == "PostgreSQL":
                        url = new_database(server, "class", "template")
                    size = min(STOCK, count) if way == "nbgrader" else count
                    rates.setdefault((database, way), []).append(measure(url, way, size))
                    progress.advance(task)
    return {
        key: [statistics.median(speeds) for speeds in zip(*measured, strict=True)]
        for key, measured in rates.items()
    }


def main() -> None:
    """Measure the rate of writing scores, and print the table."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--submissions", type=int, default=1000, help="size of the class [1000]")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds [3]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gradebook-") as folder:
        rates = compare(options.submissions, options.rounds, Path(folder))
    lines = [
        f"{options.submissions:,} submissions ({STOCK} by nbgrader), {options.rounds} rounds, "
        f"medians; {os.cpu_count()} processors, load average {os.getloadavg()[1]:.1f}, Python "
        f"{sys.version.split()[0]}.",
        "",
        "| gradebook | way | new per second | again per second |",
        "|---|---|--:|--:|",
        *(
            f"| {database} | {way} | {new:,.0f} | {again:,.0f} |"
            for (database, way), (new, again) in rates.items()
        ),
    ]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)


if __name__ == "__main__":
    main()
