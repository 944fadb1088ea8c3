"""Compare the gradebooks of one class graded in four ways: local or Dask, SQLite or PostgreSQL.

    make bench NAME=engine.cluster ARGS="[--submissions 500] [--seed 1]"

Needs PostgreSQL. A class submits the assignment padding: correct solutions in several styles, all
known mistakes, and broken or untouched work, each with a distinct line. `nbjudge autograde --seed`
grades it with two workers on this machine, and with two workers of a local Dask scheduler, one of
which gets SIGKILL after half of the class; each with a gradebook in SQLite and one in PostgreSQL,
to which `nbjudge copy-gradebook` copies it. Then all rows of all tables of nbgrader and nbjudge are
compared. A random id counts as the content of its row; the seconds of a submission and the start
of the run are left out.
"""

import argparse
import json
import os
import platform
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy as sql
from rich.console import Console

from benchmarks._figures import show_figures
from benchmarks.engine.grading import NBJUDGE, Peak, released, run
from exercises import EXERCISES
from nbjudge.course import schema
from nbjudge.plugins.cluster.tests.dask_cluster import Cluster
from tests.support.postgresql import PostgreSQL, why_there_is_none
from tools.sample_class import scenarios
from tools.sample_class.students import solution_cells

__all__ = [
    "cluster_of",
    "new_database",
    "postgresql",
    "rows_of",
    "use_database",
    "with_database",
    "write_submissions",
]

ASSIGNMENT = "padding"
WORKERS = 2
ID = 32  # characters of nbgrader's random ids
TABLES = [
    *schema.nbgraders.sorted_tables,
    *(table for table in schema.added.sorted_tables if table is not schema.runs),
]
MOST_SHOWN = 10  # differing rows
USUAL = (
    scenarios.LOOPS,
    scenarios.VECTORIZED,
    scenarios.PRINTS,
    scenarios.WARNS,
    scenarios.UNTOUCHED,
    scenarios.NO_RETURN,
    scenarios.SYNTAX,
)

console = Console(stderr=True, highlight=False)


def write_submissions(course: Path, assignment: str, count: int, first: int = 0) -> None:
    """Write `submitted/`, with all variations of the assignment's exercises in turn.

    Parameters
    ----------
    count
        Size of the class.
    first
        Number of existing submissions.
    """
    notebook = nbformat.read(course / f"release/{assignment}/{assignment}.ipynb", as_version=4)
    cells = solution_cells(notebook)
    stubs = {name: cell.source for name, cell in cells.items()}
    texts = {name: list(_variations(name)) for name in stubs}
    for number in range(first, count):
        student = f"student{number:05}"
        for name, cell in cells.items():
            text = texts[name][number % len(texts[name])]
            cell.source = f"{stubs[name] if text is None else text}\n# by {student}\n"
        place = course / "submitted" / student / assignment
        shutil.copytree(course / "release" / assignment, place)
        (place / f"{assignment}.ipynb").write_text(nbformat.writes(notebook) + "\n")


def _variations(name: str) -> Iterator[str | None]:
    """Yield sources of a solution cell, correct and wrong; None keeps the released cell."""
    exercise = EXERCISES[name]
    for scenario in USUAL:
        yield scenario.write(exercise) if scenario.write else None
    for mistake in exercise.mistakes:
        yield exercise.solution_text(mistake)


def use_database(course: Path, url: str) -> None:
    """Move a course's gradebook to another database, and switch the course to it."""
    run([*NBJUDGE, "copy-gradebook", url], course)
    (course / "gradebook.db").unlink()
    config = course / "nbgrader_config.py"
    config.write_text(with_database(config.read_text(), url))


def with_database(config: str, url: str) -> str:
    """Return a course's nbgrader_config.py with another database for the gradebook."""
    setting = f"c.CourseDirectory.db_url = {url!r}"
    return config.replace("\nconfigure(c)\n", f"\n{setting}\nconfigure(c)\n")


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Start a local server that writes every commit to the disk."""
    if reason := why_there_is_none():
        raise SystemExit(reason)
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server may run as another user
        with PostgreSQL(Path(folder) / "server", durable=True) as server:
            yield server


def new_database(server: PostgreSQL, name: str, template: str = "template0") -> str:
    """Create or replace a database as a copy of another, and return its db_url.

    The copied database must have no connections.
    """
    url = sql.make_url(server.url)
    engine = sql.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sql.NullPool)
    with engine.connect() as db:
        db.execute(sql.text(f'drop database if exists "{name}" with (force)'))
        db.execute(sql.text(f'create database "{name}" template "{template}"'))
    return url.set(database=name).render_as_string()


def rows_of(url: str) -> dict[str, list[str]]:
    """Return a gradebook's rows by table, sorted, without expected differences between runs."""
    engine = sql.create_engine(url, poolclass=sql.NullPool)
    meaning: dict[str, str] = {}  # of each random id
    found = {}
    with engine.connect() as db:
        there = sql.inspect(db).get_table_names()
        for table in TABLES:
            rows = db.execute(sql.select(table)).mappings() if table.name in there else []
            found[table.name] = sorted(_row(table, dict(row), meaning) for row in rows)
    return found


def _row(table: sql.Table, row: dict[str, Any], meaning: dict[str, str]) -> str:
    """Return a row as text, and add its id to `meaning`."""
    if table is schema.changes:
        del row["run"]
    if "report" in row:
        report = json.loads(row["report"])
        del report["seconds"]
        row["report"] = json.dumps(report, sort_keys=True)
    own = row.get("id")
    if isinstance(own, str) and len(own) == ID and own not in meaning:
        del row["id"]
    row = {name: meaning.get(str(value), value) for name, value in row.items()}
    text = f"{table.name}({', '.join(f'{name}={value}' for name, value in row.items())})"
    if isinstance(own, str) and own not in meaning:
        meaning[own] = text if "id" not in row else own
    return text


class _Grading:
    """Grade a copy of the class in one way, with the real command."""

    def __init__(self, course: Path, seed: int):
        self.course, self.seed = course, seed
        self.killed_after: int | None = None  # number of submissions
        self.memory: list[float] = []  # MB per worker

    def run(self, cluster: Cluster | None) -> tuple[float, float]:
        """Grade; return the command's wall-clock seconds, and processor seconds with its children.

        Parameters
        ----------
        cluster
            Scheduler with workers, the first of which is killed midway; None to grade locally.
        """
        command = [*NBJUDGE, "autograde", ASSIGNMENT, "--seed", str(self.seed)]
        if not cluster:
            return run([*command, "--workers", str(WORKERS)], self.course)[:2]
        peaks = [Peak(worker.pid) for worker in cluster.workers]
        done = threading.Event()
        killer = threading.Thread(target=self._kill, args=(cluster, done))
        killer.start()
        try:
            return run([*command, "--cluster", cluster.address], self.course)[:2]
        finally:
            done.set()
            killer.join()
            self.memory = [peak.stop() for peak in peaks]

    def _kill(self, cluster: Cluster, done: threading.Event) -> None:
        half = len(list((self.course / "submitted").iterdir())) // 2
        graded = self.course / "autograded"
        while not done.wait(0.05):
            count = sum(1 for _ in graded.glob(f"*/{ASSIGNMENT}"))
            if count >= half:
                cluster.workers[0].kill()
                self.killed_after = count
                return


@contextmanager
def cluster_of(workers: int) -> Iterator[Cluster]:
    """Start a scheduler and workers on this machine."""
    with tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(folder)
        try:
            for _ in range(workers):
                cluster.add_worker()
            yield cluster
        finally:
            cluster.stop()


def compare(
    template: Path, seed: int, server: PostgreSQL
) -> tuple[list[str], list[dict[str, Any]]]:
    """Grade the class in each way; return lines about the gradebooks, and rows of the table."""
    ways, first = [], None
    for where in ("2 local workers", "Dask, 2 workers, one killed midway"):
        for database in ("SQLite", "PostgreSQL"):
            console.print(f"{where}, {database}")
            course = template.with_name("course")
            shutil.copytree(template, course)
            url = f"sqlite:///{course}/gradebook.db"
            if database == "PostgreSQL":
                url = new_database(server, "gradebook")
                use_database(course, url)
            grading = _Grading(course, seed)
            with cluster_of(WORKERS) if where.startswith("Dask") else nullcontext() as cluster:
                load = os.getloadavg()[0]
                seconds, used = grading.run(cluster)
            if cluster and grading.killed_after is None:
                raise SystemExit("The class was graded before a worker could be killed.")
            rows = rows_of(url)
            first = first or rows
            _same_or_exit(first, rows, f"{where}, {database}")
            ways.append(
                {
                    "where": where,
                    "database": database,
                    "seconds": seconds,
                    "used": used,
                    "killed": grading.killed_after,
                    "memory": max(grading.memory, default=None),
                    "load": load,
                }
            )
            shutil.rmtree(course)
    assert first is not None
    counts = {name: len(rows) for name, rows in first.items()}
    points = sum("auto_score=None" not in row for row in first["grade"])
    lines = [
        f"All four gradebooks contain the same {sum(counts.values()):,} rows in "
        f"{sum(map(bool, counts.values()))} tables, "
        f"{counts['submitted_assignment']:,} submissions and {points:,} scores among them."
    ]
    return lines, ways


def _same_or_exit(expected: dict[str, list[str]], actual: dict[str, list[str]], where: str) -> None:
    for name in expected:
        missing = sorted(set(expected[name]) - set(actual[name]))
        more = sorted(set(actual[name]) - set(expected[name]))
        if missing or more or len(expected[name]) != len(actual[name]):
            shown = [f"- {row}" for row in missing[:MOST_SHOWN]]
            shown += [f"+ {row}" for row in more[:MOST_SHOWN]]
            raise SystemExit(
                f"{where}: the table {name} differs from the first gradebook's in "
                f"{len(missing)} and {len(more)} rows:\n" + "\n".join(shown)
            )


def as_text(submissions: int, lines: list[str], ways: list[dict[str, Any]]) -> str:
    """Return the results as Markdown."""
    lines = [
        f"{submissions} submissions of {ASSIGNMENT}; {os.cpu_count()} processors, "
        f"Python {platform.python_version()}.",
        "",
        *lines,
        "",
        "| judged by | gradebook | seconds | submissions per second | processor seconds of the "
        "command per submission | a worker killed after | memory of a worker, MB "
        "| load average before |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for way in ways:
        killed = "" if way["killed"] is None else f"{way['killed']} submissions"
        memory = "" if way["memory"] is None else f"{way['memory']:.0f}"
        lines.append(
            f"| {way['where']} | {way['database']} | {way['seconds']:.1f} "
            f"| {submissions / way['seconds']:.1f} | {way['used'] / submissions:.3f} | {killed} "
            f"| {memory} | {way['load']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Grade a class in each way, compare the gradebooks, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=500, help="size of the class [500]")
    parser.add_argument("--seed", type=int, default=1, help="seed of all random numbers [1]")
    parser.add_argument("--write", action="store_true", help="put the table in cluster.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder, postgresql() as server:
        template = released(Path(folder) / "template", ASSIGNMENT)
        write_submissions(template, ASSIGNMENT, options.submissions)
        lines, ways = compare(template, options.seed, server)
    show_figures(__file__, as_text(options.submissions, lines, ways), options.write)


if __name__ == "__main__":
    main()
