"""The engine: starts workers and zygotes on demand, keeps them warm, and replaces those that die.

Jobs and results are plain data. Any number of threads may call the engine at the same time, for any
assignments; each thread has a worker to itself until the result arrives.
"""

import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from logging import WARNING
from typing import Protocol

from nbjudge import feedback
from nbjudge.engine.again import Turns, judge_fairly
from nbjudge.engine.handles import WorkerProcess, ZygoteProcess
from nbjudge.engine.messages import Job, Preparation, SandboxConfig
from nbjudge.errors import EngineClosedError, EngineError, JudgeDiedError
from nbjudge.feedback.about import About
from nbjudge.judging.messages import Graded, NotebookSubmission, TimeLimits, Unreadable
from nbjudge.log import event
from nbjudge.notebook.spec import NotebookSpec
from nbjudge.sandbox.box import Box

ATTEMPTS = 3  # workers tried for one job; `worker.MAX_DEATHS` limits deaths of the judge
MAX_ZYGOTES = 3  # assignments may have different modules with the same name


class AnyEngine(Protocol):
    """The interface of engines: the local one, or one on other machines.

    Attributes
    ----------
    missing_levels
        Reasons why levels of isolation are unavailable, {level: reason or ""}; None if this machine
        judges.
    """

    @property
    def missing_levels(self) -> Mapping[str, str] | None: ...

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge one job."""

    def make_page(self, notebook: bytes, about: About) -> str:
        """Return the feedback page of a graded notebook."""

    def capacity(self, workers: int) -> int:
        """Return the current capacity in submissions, given the maximum number of workers."""

    def jobs_in_flight(self, workers: int) -> int:
        """Return how many jobs to submit at a time so that no worker runs out of work."""

    def processes(self) -> list[int]:
        """Return the ids of the processes on this machine from which all others descend."""


class Engine:
    """Judges notebooks and makes feedback pages in separate processes until it is closed.

    `course.run.Run` describes its part in the life of a run.

    `lock` guards the lists. It is never held while waiting for a process.

    Parameters
    ----------
    environment
        Environment variables to add to, or override in, the environment of the judges.
    makes_pages
        True to get ready for `make_page` while the first job is judged.

    Examples
    --------
    >>> import nbjudge
    >>> assignment = nbjudge.Assignment("ps1", *nbjudge.load_course())
    >>> with nbjudge.Engine() as engine:
    ...     for _, outcome in nbjudge.grade(engine, {assignment: ["bob"]}, workers=1, again=True):
    ...         print(outcome.student, outcome.status, outcome.total)
    bob graded 2.0
    >>> assignment.close()
    """

    missing_levels: Mapping[str, str] | None = None

    def __init__(
        self, environment: Mapping[str, str] | None = None, makes_pages: bool = False
    ) -> None:
        self.environment = dict(environment or {})
        self.lock = threading.Lock()
        self.zygotes: list[ZygoteProcess] = []  # most recently used last
        self.forking: list[ZygoteProcess] = []  # currently forking a worker
        self.idle: list[WorkerProcess] = []
        self.busy: set[WorkerProcess] = set()
        self.box = Box(loads=feedback.RENDERER)  # makes the pages
        self.makes_pages = makes_pages
        self.turns = Turns()
        self.is_closed = False

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self, started: tuple[subprocess.Popen[bytes], socket.socket] | None = None) -> None:
        """Start a zygote before its sandbox config is known.

        Parameters
        ----------
        started
            Result of `start_zygote`, if it was called already.
        """
        with self.lock:
            self._check_open()
            self.zygotes.insert(0, ZygoteProcess(self.environment, started))

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge a job; judge it again, alone, if it meets a limit.

        Raises
        ------
        EngineError
            If several workers have failed at the job; a JudgeDiedError if its judge has died too
            often, an EngineClosedError if the engine is closed.
        IsolationError
            If student code cannot be isolated.
        """
        spec = job.preparation.spec
        return judge_fairly(lambda: self._ask_worker(config, job), self.turns, spec)

    def make_page(self, notebook: bytes, about: About) -> str:
        """Return the feedback page of a graded notebook.

        Raises
        ------
        EngineError
            If the page cannot be made.
        """
        return self.box.call(feedback.make_page, notebook, about)

    def capacity(self, workers: int) -> int:
        """Return the number of workers: each one judges."""
        return workers

    def jobs_in_flight(self, workers: int) -> int:
        """Return the number of workers; they need no further jobs in reserve."""
        return workers

    def processes(self) -> list[int]:
        """Return the ids of the processes from which all others of the engine descend."""
        with self.lock:
            return [zygote.process.pid for zygote in self.zygotes] + self.box.processes()

    def close(self) -> None:
        """End all workers and zygotes; calls that wait for one raise an EngineClosedError."""
        with self.lock:
            self.is_closed = True
            workers, zygotes = [*self.busy, *self.idle], self.zygotes
            self.zygotes, self.idle = [], []
            self.busy.clear()
        self.box.close()
        for worker in workers:
            worker.stop()
        for zygote in zygotes:
            zygote.stop()

    def _check_open(self) -> None:
        if self.is_closed:
            raise EngineClosedError("the engine is closed")

    def _ask_worker(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Return the answer of a suitable worker or a new one; try another worker if it fails."""
        for attempt in range(ATTEMPTS):
            worker = None
            try:
                worker = self._take(config, job) or self._make(config, job)
                start = time.monotonic()
                answer = worker.request(job)
                if isinstance(answer, Graded):
                    answer = replace(answer, seconds=time.monotonic() - start)
            except JudgeDiedError:
                self._check_open()
                raise
            except EngineError as error:
                if worker and worker.zygote.has_ended():
                    self._drop([worker.zygote])  # its other workers have ended as well
                self._check_open()
                event("worker_failed", WARNING, error=type(error).__name__, attempt=attempt + 1)
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                if self._put_back(worker):
                    worker = None
                return answer
            finally:
                if worker:
                    with self.lock:
                        self.busy.discard(worker)
                    worker.stop()
        raise AssertionError("unreachable")

    def _take(self, config: SandboxConfig, job: Job) -> WorkerProcess | None:
        """Return a suitable idle worker, most recently used first; None if there is none."""
        with self.lock:
            self._check_open()
            for worker in reversed(self.idle):
                is_prepared = job.submission.key in worker.keys
                if is_prepared and worker.zygote.suits(config, job.preparation.modules):
                    self.idle.remove(worker)
                    self.busy.add(worker)
                    return worker
        return None

    def _put_back(self, worker: WorkerProcess) -> bool:
        """Mark a worker as idle; return False if it is no longer needed."""
        with self.lock:
            self.busy.discard(worker)
            wanted = not self.is_closed and worker.zygote in self.zygotes
            if wanted:
                self.idle.append(worker)
        return wanted

    def _make(self, config: SandboxConfig, job: Job) -> WorkerProcess:
        """Fork a new worker from a zygote."""
        with self.lock:
            self._check_open()
            zygote = self._zygote(config, job.preparation.modules)
            self.forking.append(zygote)
        try:
            worker = zygote.worker(job.preparation)
        except BaseException:
            if not zygote.is_set_up or zygote.has_ended():
                self._drop([zygote])
            raise
        finally:
            with self.lock:
                self.forking.remove(zygote)
        with self.lock:
            wanted = not self.is_closed
            if wanted:
                self.busy.add(worker)
            # An older worker that knows fewer notebooks than the new one is no longer needed.
            older = [w for w in self.idle if w.zygote is zygote and w.keys < worker.keys][:1]
            self.idle = [w for w in self.idle if w not in older]
        for unwanted in older if wanted else [*older, worker]:
            unwanted.stop()
        with self.lock:
            self._check_open()
        self._retire()
        return worker

    def _zygote(self, config: SandboxConfig, modules: dict[str, str]) -> ZygoteProcess:
        """Return a zygote with this sandbox config that can import these modules.

        Called while `lock` is held.
        """
        suiting = [z for z in self.zygotes if z.suits(config, modules)]
        suiting += [z for z in self.zygotes if z.config is None]
        zygote = suiting[0] if suiting else ZygoteProcess(self.environment)
        self.zygotes = [z for z in self.zygotes if z is not zygote] + [zygote]
        zygote.config, zygote.modules = config, zygote.modules | modules
        self.box.hidden = config.sandbox.hidden
        if self.makes_pages:
            self.box.warm_up()
        return zygote

    def _retire(self) -> None:
        """Stop the least recently used zygotes, if there are too many."""
        with self.lock:
            used = {worker.zygote for worker in self.busy} | set(self.forking)
            unused = [z for z in self.zygotes[:-1] if z not in used]
            unused = unused[: max(0, len(self.zygotes) - MAX_ZYGOTES)]
        self._drop(unused)

    def _drop(self, zygotes: list[ZygoteProcess]) -> None:
        with self.lock:
            self.zygotes = [z for z in self.zygotes if z not in zygotes]
            dropped = [worker for worker in self.idle if worker.zygote in zygotes]
            self.idle = [worker for worker in self.idle if worker not in dropped]
        for worker in dropped:
            worker.stop()
        for zygote in zygotes:
            zygote.stop()


def try_isolation(engine: Engine, config: SandboxConfig) -> None:
    """Judge a notebook with one cell, to test the isolation.

    Raises
    ------
    IsolationError
        If student code cannot be isolated here.
    """
    notebook = b'{"cells": [{"cell_type": "code", "source": "1 + 1", "metadata": {}}]}'
    limits = TimeLimits(cell_seconds=30, test_seconds=30, submission_seconds=60)
    submission = NotebookSubmission(
        key="", notebook=notebook, files={}, seed=1, limits=limits, draw_all=True, mark={}
    )
    engine.judge(config, Job(Preparation("", NotebookSpec("try", ()), {}, {}), submission))
