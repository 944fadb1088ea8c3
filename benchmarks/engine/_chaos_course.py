"""A copy of the course for `benchmarks.engine.chaos`: its class, gradebook, and grading runs."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from benchmarks.engine._chaos_class import ASSIGNMENT, KINDS, SOUND, hand_in
from benchmarks.engine.cluster import use_database, with_database
from benchmarks.engine.grading import NBJUDGE, ROOT, released
from tests.files import environment
from tests.support.interruptions import Tree
from tests.support.postgresql import PostgreSQL
from tests.support.small_course import TABLES
from tests.support.wholeness import Reader, problems, score_problems

__all__ = ["Course", "Expected", "Run", "judge_alone", "make_template"]

# Hostile code uses up its time limit, and there are many such submissions.
LIMITS = "\nc.NbJudge.cell_seconds = 2\nc.NbJudge.test_seconds = 10\n"
GRADED = "select count(*) from nbjudge_submission"
Expected = Mapping[str, Mapping[str, float] | None]  # points of each student, as in `problems`


@dataclass
class Run:
    """A run of the grading command, which may still be active.

    Attributes
    ----------
    prefix
        Common prefix of the run's files next to the course: its output and temporary files.
    """

    process: "subprocess.Popen[bytes]"
    prefix: Path

    def __post_init__(self) -> None:
        self.tree = Tree(self.process.pid)

    @property
    def said(self) -> str:
        """Return the messages that the run has printed so far."""
        return self.prefix.with_suffix(".log").read_text()

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """Return the outcome of each submission, or [] if the run was interrupted."""
        text = self.prefix.with_suffix(".json").read_text()
        return json.loads(text)["assignments"][ASSIGNMENT] if text else []


class Course:
    """A copy of the course in a folder.

    Parameters
    ----------
    server
        Database server of the gradebook; None for SQLite.

    Attributes
    ----------
    variables
        Additional environment variables of the command.
    """

    def __init__(self, root: Path, server: PostgreSQL | None = None):
        self.root, self.runs = root, 0
        self.variables: dict[str, str] = {}
        self.gradebook = Reader(server.url if server else f"sqlite:///{root}/gradebook.db")

    @classmethod
    def make(cls, root: Path, template: Path, server: PostgreSQL | None = None) -> "Course":
        """Copy a template; a server's database must be empty."""
        shutil.copytree(template, root)
        if server:
            use_database(root, server.url)
        return cls(root, server)

    def start(self, *options: str, before: Iterable[str] = ()) -> Run:
        """Start grading; `before` is a command that runs the rest of its arguments."""
        self.runs += 1
        prefix = self.root.with_name(f"{self.root.name}-run-{os.getpid()}-{self.runs}")
        prefix.mkdir()
        command = [*before, *NBJUDGE, "autograde", ASSIGNMENT, "--json", *options]
        given = environment(ROOT) | {"TMPDIR": str(prefix)} | self.variables
        with (
            open(prefix.with_suffix(".json"), "wb") as output,
            open(prefix.with_suffix(".log"), "wb") as log,
        ):
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
            )
        return Run(process, prefix)

    def move_gradebook(self, name: str) -> None:
        """Move the SQLite gradebook to another file of the course."""
        path, config = self.root / name, self.root / "nbgrader_config.py"
        (self.root / "gradebook.db").rename(path)
        url = f"sqlite:///{path}"
        config.write_text(with_database(config.read_text(), url))
        self.gradebook = Reader(url)

    def graded(self) -> int | None:
        """Return the number of submissions with scores, or None if the gradebook is unavailable."""
        try:
            return int(self.gradebook.rows(GRADED)[0][0])
        except sql.exc.OperationalError:
            return None
        except sql.exc.DatabaseError:  # the first run creates the table
            return 0

    def is_done(self, run: Run, expected: Expected) -> bool:
        """True if a run ended after grading every submission that can be graded."""
        if run.process.poll() not in (0, 1):
            return False
        known = {one["student"] for one in run.outcomes if one["status"] != "failed"}
        return known == {student for student, points in expected.items() if points is not None}

    def wrong(self, expected: Expected) -> list[str]:
        """Return the errors in the gradebook so far; none while it is unavailable."""
        try:
            if not self.gradebook.has_been_graded():
                return []
            return score_problems(self.gradebook, ASSIGNMENT, expected, complete=False)
        except sql.exc.OperationalError:
            return []

    def problems(self, expected: Expected) -> list[str]:
        """Describe missing and wrong results after grading, and errors of an empty run."""
        found = problems(self.gradebook, self.root, ASSIGNMENT, expected, complete=True)
        before = self._tables()
        run = self.start()
        run.process.wait()
        again = [one["student"] for one in run.outcomes if one["status"] == "graded"]
        if again or not self.is_done(run, expected):
            found.append(f"a run with nothing to do graded {again}: {run.said[-2000:]}")
        if self._tables() != before:
            found.append("a run with nothing to do changed the gradebook")
        return found + self.left(run)

    def left(self, run: Run) -> list[str]:
        """Describe the processes and temporary files that a run left behind."""
        processes, files = run.tree.left(), [path.name for path in run.prefix.iterdir()]
        found = [f"processes are left: {processes}"] if processes else []
        return found + ([f"temporary files are left: {files}"] if files else [])

    def _tables(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            name: sorted(self.gradebook.rows(query), key=repr) for name, query in TABLES.items()
        }


def make_template(folder: Path) -> Path:
    """Make a course with the released assignment and short time limits for hostile code."""
    if not folder.exists():
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        released(new, ASSIGNMENT)
        with open(new / "nbgrader_config.py", "a") as config:
            config.write(LIMITS)
        new.rename(folder)
    return folder


def judge_alone(folder: Path, template: Path) -> dict[str, dict[str, float] | None]:
    """Judge each kind of submission once, one after the other, undisturbed; return the points.

    Raises
    ------
    SystemExit
        If a correct solution loses points.
    """
    shutil.rmtree(folder, ignore_errors=True)
    course = Course.make(folder, template)
    names = dict(zip((f"kind-{n:02}" for n in range(len(KINDS))), KINDS, strict=True))
    hand_in(course.root, iter(names.items()))
    run = course.start("--workers", "1")
    run.process.wait()
    found = {
        names[one["student"]]: (None if one["status"] == "failed" else one["scores"][ASSIGNMENT])
        for one in run.outcomes
    }
    full = max(sum(points.values()) for points in found.values() if points)
    poor = [kind for kind in SOUND if kind.startswith("right") and found[kind] is None]
    poor += [k for k in SOUND if k.startswith("right") and sum((found[k] or {}).values()) < full]
    poor += [
        k for k in SOUND if not k.startswith("right") and sum((found[k] or {}).values()) >= full
    ]
    if poor or len(found) != len(KINDS):
        raise SystemExit(f"Judged alone, these earn unexpected points: {poor}\n{run.said[-3000:]}")
    return found
