"""Record grading runs in the log and the gradebook: their work, start and progress.

A run logs its start, each submission and its end. It updates its row in the gradebook every few
seconds, so that other processes, on any machine, can see whether it is alive. Grading does not
depend on this row: if it cannot be written, the run continues.
"""

import contextlib
import datetime
import json
import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from shlex import quote
from types import TracebackType

import sqlalchemy as sql

from nbjudge import __version__
from nbjudge.course import schema
from nbjudge.course.database import check_driver, read_only, transaction
from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import GradingOutcome
from nbjudge.log import event

BEAT = 5.0  # seconds between two writes
ALIVE = 30.0  # seconds without a write after which a run counts as ended
RECENT = 60.0  # seconds over which the rate is measured
LAST = 3  # attempts at the last write
PATIENCE = 10.0  # seconds to wait for the last write at the end of a run
MOST = 500  # maximum number of runs to read, newest first
DONE = "done"


@dataclass(frozen=True)
class Progress:
    """Numbers of an assignment's submissions in a run, in total and by status."""

    total: int
    graded: int = 0
    unchanged: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        """Number of processed submissions."""
        return self.graded + self.unchanged + self.failed


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run in the gradebook.

    Attributes
    ----------
    began, beat
        Start of the run and its last heartbeat, in UTC.
    ended
        "done", or the type of the exception that ended the run; None while it is running, or if it
        was killed.
    rate
        Submissions per second in the last minute; None if unknown.
    progress
        Progress by assignment.
    """

    id: str
    began: datetime.datetime
    beat: datetime.datetime
    ended: str | None
    machine: str
    process: int
    workers: int
    rate: float | None
    progress: Mapping[str, Progress]

    @property
    def is_alive(self) -> bool:
        """True if the run has not ended, has a recent heartbeat, and its process exists."""
        # Another machine's clock may be ahead.
        silent = abs((utc_now() - self.beat).total_seconds())
        if self.ended is not None or silent > ALIVE:
            return False
        return self.machine != socket.gethostname() or _exists(self.process)

    @property
    def was_interrupted(self) -> bool:
        """True if the run ended before its work was done."""
        return self.ended != DONE and not self.is_alive

    @property
    def total(self) -> int:
        """Number of submissions in the run."""
        return sum(progress.total for progress in self.progress.values())

    @property
    def done(self) -> int:
        """Number of processed submissions."""
        return sum(progress.done for progress in self.progress.values())

    @property
    def seconds_left(self) -> float | None:
        """Estimated remaining time at the rate of the last minute; None if unknown."""
        return (self.total - self.done) / self.rate if self.rate else None


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # a process of another user
        return True
    return True


class RecordedRun:
    """Context manager that logs a run and updates its row in the gradebook from a thread.

    Parameters
    ----------
    workers
        Function that returns the number of submissions judged at a time, which may change.
    totals
        Number of submissions, by assignment.
    isolation
        Isolation level of the run.
    again
        True if unchanged work is graded again.
    """

    def __init__(
        self,
        db_url: str,
        run: str,
        began: datetime.datetime,
        workers: Callable[[], int],
        totals: Mapping[str, int],
        isolation: str = "",
        again: bool = False,
    ):
        self.db_url, self.lock, self.has_table = db_url, threading.Lock(), False
        self.workers, self.isolation, self.again = workers, isolation, again
        self.start = time.monotonic()
        progress = {name: Progress(total) for name, total in totals.items()}
        machine = socket.gethostname()[:255]
        self.record = RunRecord(
            id=run,
            began=began,
            beat=began,
            ended=None,
            machine=machine,
            process=os.getpid(),
            workers=workers(),
            rate=None,
            progress=progress,
        )
        self.done = deque([(self.start, 0)])  # times and numbers of processed submissions
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "RecordedRun":
        self.thread.start()
        event(
            "start",
            run=self.record.id,
            submissions={name: progress.total for name, progress in self.record.progress.items()},
            workers=self.record.workers,
            isolation=self.isolation,
            force=self.again,
            machine=socket.gethostname(),
            process=os.getpid(),
            version=__version__,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ended = kind.__name__ if kind else DONE
        counts = self.record.progress.values()
        event(
            "end",
            logging.INFO if kind is None else logging.WARNING,
            run=self.record.id,
            ended=ended,
            seconds=round(time.monotonic() - self.start, 3),
            graded=sum(count.graded for count in counts),
            unchanged=sum(count.unchanged for count in counts),
            failed=sum(count.failed for count in counts),
        )
        with self.lock:
            self.record = replace(self.record, ended=ended[:64])
        self.stopping.set()
        self.thread.join(PATIENCE)

    def count(self, assignment: str, outcome: GradingOutcome) -> None:
        """Count and log a finished submission; a failure is logged without its reason."""
        status, has_failed = outcome.status, outcome.status == "failed"
        with self.lock:
            before = self.record.progress[assignment]
            after = replace(before, **{status: getattr(before, status) + 1})
            progress = {**self.record.progress, assignment: after}
            self.record = replace(self.record, progress=progress)
        event(
            "submission",
            logging.WARNING if has_failed else logging.INFO,
            run=self.record.id,
            assignment=assignment,
            student=outcome.student,
            status=status,
            seconds=round(outcome.seconds, 3),
            machine=outcome.judgment.machine or None,
            worker=outcome.judgment.worker or None,
            error=outcome.error or None,
            page="failed" if outcome.feedback else None,
            see=f"nbjudge status {quote(assignment)}" if has_failed else None,
        )

    def _beat(self) -> None:
        pause = 0.0
        while not self.stopping.wait(pause):
            self._try()
            pause = BEAT
        any(self._try() for _ in range(LAST))

    def _try(self) -> bool:
        # No error of the database or its driver may end grading.
        with contextlib.suppress(Exception):
            self._write(self._now())
            return True
        return False

    def _now(self) -> RunRecord:
        """Update the record's time, rate and workers, and return it."""
        now = time.monotonic()
        with self.lock:
            self.done.append((now, self.record.done))
            while len(self.done) > 2 and now - self.done[1][0] > RECENT:
                self.done.popleft()
            then, before = self.done[0]
            rate = (self.record.done - before) / (now - then) if now > then else None
            self.record = replace(self.record, beat=utc_now(), rate=rate, workers=self.workers())
            return self.record

    def _write(self, record: RunRecord) -> None:
        values = asdict(record)
        values["progress"] = json.dumps(values["progress"])
        database = check_driver(self.db_url)
        try:
            if not self.has_table:
                schema.added.create_all(database)
                self.has_table = True
            with transaction(database) as db:
                change = sql.update(schema.runs).where(schema.runs.c.id == record.id).values(values)
                if not db.execute(change).rowcount:
                    db.execute(sql.insert(schema.runs).values(values))
        finally:
            database.dispose()


def read_runs(db_url: str, assignments: Collection[str] = ()) -> list[RunRecord]:
    """Return the runs over some assignments, or all runs, newest first; write nothing.

    Raises
    ------
    LookupError
        If the gradebook's file does not exist.
    ValueError
        If the address is invalid, or the database driver is not installed.
    """
    database = read_only(db_url)
    try:
        with database.connect() as db:
            if not sql.inspect(db).has_table(schema.runs.name):
                return []
            rows = db.execute(
                sql.select(schema.runs).order_by(schema.runs.c.began.desc()).limit(MOST)
            ).all()
    finally:
        database.dispose()
    runs = []
    for row in rows:
        progress = {name: Progress(**counts) for name, counts in json.loads(row.progress).items()}
        if not assignments or not progress.keys().isdisjoint(assignments):
            runs.append(RunRecord(**{**row._mapping, "progress": progress}))
    return runs
