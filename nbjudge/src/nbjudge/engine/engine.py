"""The engine: workers and their zygotes, started when needed, kept warm, replaced when they die.

The unit of work is plain data in and plain data out. Any number of threads may ask at the same
time, for any assignments; each gets a worker of its own until it has the answer.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from logging import WARNING
from typing import Protocol, TypeVar

from nbjudge.engine.handles import PAGES, WorkerProcess, ZygoteProcess
from nbjudge.engine.messages import Job, PageJob, Preparation, SandboxConfig
from nbjudge.errors import EngineClosedError, EngineError, JudgeDiedError
from nbjudge.feedback.about import About
from nbjudge.judging.messages import Graded, NotebookSubmission, TimeLimits, Unreadable
from nbjudge.log import event
from nbjudge.notebook.spec import NotebookSpec

ATTEMPTS = 3  # at one submission, if workers die; for its judge see `worker.MAX_DEATHS`
MAX_ZYGOTES = 3  # assignments may bring modules of one name that are not the same
A = TypeVar("A")


class AnyEngine(Protocol):
    """What grading asks of an engine: this one's, or one of another place.

    Attributes
    ----------
    missing_levels
        Why the machines that judge lack levels of isolation, "" where they do not: {level: reason};
        None where that is this machine.
    """

    @property
    def missing_levels(self) -> Mapping[str, str] | None: ...

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge one job."""

    def make_page(self, notebook: bytes, about: About) -> str:
        """Make the feedback page of a graded notebook."""

    def judged(self, workers: int) -> int:
        """How many submissions are judged at a time now, where so many may be."""

    def under_way(self, workers: int) -> int:
        """How many are asked for at a time, so that no worker waits for the next one."""

    def processes(self) -> list[int]:
        """The processes of this machine that all others descend from."""


class Engine:
    """Judges notebooks and makes feedback pages in processes of its own, until it is closed.

    `lock` guards the lists and is never held while a process answers.

    Parameters
    ----------
    environment
        What the judges' environment has besides, or instead of, that of this process.
    """

    missing_levels: Mapping[str, str] | None = None

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(environment or {})
        self.lock = threading.Lock()
        self.zygotes: list[ZygoteProcess] = []  # the one used last is the last
        self.forking: list[ZygoteProcess] = []  # of which a worker is being forked
        self.idle: list[WorkerProcess] = []
        self.busy: set[WorkerProcess] = set()
        self.is_closed = False

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start a zygote already, before it is known what for."""
        with self.lock:
            self._check_open()
            self.zygotes.insert(0, ZygoteProcess(self.environment))

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge one job with an idle worker, or a new one.

        Raises
        ------
        EngineError
            After several workers have failed at it, or its judge has died as often as it is tried
            (a JudgeDiedError), and where the engine is closed (an EngineClosedError).
        IsolationError
            Where student code cannot be isolated.
        """
        modules = job.preparation.modules

        def ask(worker: WorkerProcess) -> Graded | Unreadable:
            start = time.monotonic()
            answer = worker.judge(job)
            if isinstance(answer, Graded):
                answer = replace(answer, seconds=time.monotonic() - start)
            return answer

        return self._use(
            lambda worker: (
                job.submission.key in worker.keys and worker.zygote.suits(config, modules)
            ),
            lambda: self._zygote(config, modules),
            lambda zygote: zygote.worker(job.preparation),
            ask,
        )

    def make_page(self, notebook: bytes, about: About) -> str:
        """Make the feedback page of a graded notebook.

        Raises
        ------
        EngineError
            Where it cannot be made.
        """
        return self._use(
            lambda worker: worker.keys is PAGES,
            self._any_zygote,
            lambda zygote: zygote.page_maker(),
            lambda worker: worker.make_page(PageJob(notebook, about)),
        )

    def judged(self, workers: int) -> int:
        """As many as may be."""
        return workers

    def under_way(self, workers: int) -> int:
        """Just as many as are judged."""
        return workers

    def processes(self) -> list[int]:
        """The processes that all others of the engine descend from."""
        with self.lock:
            return [zygote.process.pid for zygote in self.zygotes]

    def close(self) -> None:
        """End all workers and zygotes; whoever waits for one gets an EngineClosedError."""
        with self.lock:
            self.is_closed = True
            workers, zygotes = [*self.busy, *self.idle], self.zygotes
            self.zygotes, self.idle = [], []
            self.busy.clear()
        for worker in workers:
            worker.stop()
        for zygote in zygotes:
            zygote.stop()

    def _check_open(self) -> None:
        if self.is_closed:
            raise EngineClosedError("the engine is closed")

    def _use(
        self,
        suits: Callable[[WorkerProcess], bool],
        find_zygote: Callable[[], ZygoteProcess],
        fork: Callable[[ZygoteProcess], WorkerProcess],
        ask: Callable[[WorkerProcess], A],
    ) -> A:
        """Ask a worker that suits, or a new one; another one, where it fails.

        Parameters
        ----------
        suits
            Whether an idle worker will do; called while `lock` is held.
        find_zygote
            Gives the zygote, maybe a new one, of which a worker is forked; called likewise.
        fork
            Forks it.
        ask
            Gives the worker's answer.
        """
        for attempt in range(ATTEMPTS):
            worker = None
            try:
                worker = self._take(suits) or self._make(find_zygote, fork)
                answer = ask(worker)
            except JudgeDiedError:
                self._check_open()
                raise
            except EngineError as error:
                if worker and worker.zygote.has_ended():
                    self._drop([worker.zygote])  # its other workers have ended too
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

    def _take(self, suits: Callable[[WorkerProcess], bool]) -> WorkerProcess | None:
        """An idle worker, the warmest first."""
        with self.lock:
            self._check_open()
            worker = next(filter(suits, reversed(self.idle)), None)
            if worker:
                self.idle.remove(worker)
                self.busy.add(worker)
        return worker

    def _put_back(self, worker: WorkerProcess) -> bool:
        """Make a worker idle again; returns whether it is still wanted."""
        with self.lock:
            self.busy.discard(worker)
            wanted = not self.is_closed and worker.zygote in self.zygotes
            if wanted:
                self.idle.append(worker)
        return wanted

    def _make(
        self,
        find_zygote: Callable[[], ZygoteProcess],
        fork: Callable[[ZygoteProcess], WorkerProcess],
    ) -> WorkerProcess:
        """Fork a new worker of a zygote."""
        with self.lock:
            self._check_open()
            zygote = find_zygote()
            self.forking.append(zygote)
        try:
            worker = fork(zygote)
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
            # A new worker knows what an older one does, and more: that one can go.
            older = [w for w in self.idle if w.zygote is zygote and w.keys < worker.keys][:1]
            self.idle = [w for w in self.idle if w not in older]
        for unwanted in older if wanted else [*older, worker]:
            unwanted.stop()
        with self.lock:
            self._check_open()
        self._retire()
        return worker

    def _zygote(self, config: SandboxConfig, modules: dict[str, str]) -> ZygoteProcess:
        """A zygote with this sandbox config, in which these modules can be imported."""
        suiting = [z for z in self.zygotes if z.suits(config, modules)]
        suiting += [z for z in self.zygotes if z.config is None]
        zygote = suiting[0] if suiting else ZygoteProcess(self.environment)
        self.zygotes = [z for z in self.zygotes if z is not zygote] + [zygote]
        zygote.config, zygote.modules = config, zygote.modules | modules
        return zygote

    def _any_zygote(self) -> ZygoteProcess:
        """A zygote that pages can be made with: its sandbox config does not matter."""
        if not self.zygotes:
            self.zygotes.append(ZygoteProcess(self.environment))
        return self.zygotes[-1]

    def _retire(self) -> None:
        """Stop the zygotes that have not been used for longest, if there are too many."""
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
    """Run one cell.

    Raises
    ------
    IsolationError
        Where that cannot be done here.
    """
    notebook = b'{"cells": [{"cell_type": "code", "source": "1 + 1", "metadata": {}}]}'
    limits = TimeLimits(cell_seconds=30, test_seconds=30, submission_seconds=60)
    submission = NotebookSubmission("", notebook, {}, 1, limits, True, {})
    engine.judge(config, Job(Preparation("", NotebookSpec("try", ()), {}, {}), submission))
