"""Classes, databases and clusters on this machine, for benchmarks."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import sqlalchemy as sql

from benchmarks.engine.grading import NBJUDGE, run
from exercises import EXERCISES
from nbjudge.plugins.cluster.tests.dask_cluster import Cluster
from tests.support.postgresql import PostgreSQL, why_there_is_none
from tools.sample_class import scenarios
from tools.sample_class.students import solution_cells

__all__ = [
    "cluster_of",
    "new_database",
    "postgresql",
    "use_database",
    "with_database",
    "write_submissions",
]

USUAL = (
    scenarios.LOOPS,
    scenarios.VECTORIZED,
    scenarios.PRINTS,
    scenarios.WARNS,
    scenarios.UNTOUCHED,
    scenarios.NO_RETURN,
    scenarios.SYNTAX,
)


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
