"""An engine whose workers are those of a Dask scheduler."""

import contextlib
import importlib.util
import os
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from logging import WARNING
from pathlib import Path
from typing import Any, TypeVar

import dask
from distributed import Client, Future, Security
from distributed.client import FutureCancelledError
from distributed.comm import CommClosedError

from nbjudge.cluster import worker
from nbjudge.cluster.course_copy import CourseCopy
from nbjudge.cluster.worker import (
    OTHER_CODE,
    Here,
    JudgeTask,
    NotHere,
    Unknown,
    about_here,
    code_digest,
)
from nbjudge.course.assignment import Assignment
from nbjudge.engine.messages import Job, SandboxConfig
from nbjudge.errors import KEPT, ClusterError, EngineError, IsolationError
from nbjudge.feedback.about import About
from nbjudge.files import digest_of
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.log import event
from nbjudge.notebook.static_names import imported_modules
from nbjudge.sandbox.levels import NAMES

__all__ = ["ClusterEngine", "copy_of"]

ATTEMPTS = 3  # at one submission, if the workers that judge it die
LOOK = 2  # seconds between two looks at whether there are workers
PATIENCE = 60  # seconds for a scheduler to answer, and for workers to come back
AHEAD = 2  # submissions for each thread of a worker, so that none of them waits
A = TypeVar("A")


def copy_of(assignment: Assignment) -> CourseCopy:
    """What the judges of an assignment need.

    Raises
    ------
    ValueError
        If they need a module that lies outside the course's folder.
    """
    root = Path(assignment.coursedir.root).resolve()
    outside = [name for name in assignment.course_files if name.startswith(os.pardir + os.sep)]
    if outside:
        raise ValueError(
            f"The tests of {assignment.name} use {root / outside[0]}, and only what lies in "
            f"{root} travels to a cluster: move it there, or install it on all machines."
        )
    places = [root, *map(Path, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))]
    inside = [place.resolve() for place in places if place.resolve().is_relative_to(root)]
    search_path = dict.fromkeys(str(place.relative_to(root)) for place in inside)
    packages = tuple(assignment.settings.student_packages)
    files = {name: (root / name).read_bytes() for name in assignment.course_files}
    installed = installed_packages(assignment, files, search_path)
    about = [("path", name.encode()) for name in (*search_path, *packages, "", *installed)]
    digest = digest_of([*sorted(files.items()), *about])
    return CourseCopy(files, tuple(search_path), packages, installed, digest)


def installed_packages(
    assignment: Assignment, files: Iterable[str], search_path: Iterable[str]
) -> tuple[str, ...]:
    """What the notebooks of an assignment import that is installed here, not the course's own."""
    cells = [cell for spec in assignment.specs.values() for cell in spec.cells]
    texts = [cell.solved for cell in cells if cell.cell_type == "code"]
    names = dict.fromkeys(name.partition(".")[0] for name in imported_modules(texts))
    # As "answers" of answers.py, or of the package answers/, in one of the folders.
    inside = [os.path.relpath(file, place) for place in search_path for file in files]
    own = {file.split(os.sep)[0].removesuffix(".py") for file in inside}
    return tuple(name for name in names if name not in own and importlib.util.find_spec(name))


def check_encryption(address: str) -> None:
    """Compare a scheduler's address with the certificates that Dask's configuration names.

    Raises
    ------
    ClusterError
        Where they do not fit together, or a certificate cannot be read.
    """
    if dask.config.get("distributed.client.security-loader", None):
        return  # which brings certificates of its own
    setting = "distributed.comm.tls in Dask's configuration"
    try:
        given = Security().get_connection_args("client")
    except OSError as error:
        raise ClusterError(f"A certificate of {setting} cannot be read: {error}") from None
    is_encrypted = address.startswith("tls://")
    if is_encrypted and given["ssl_context"] is None:
        raise ClusterError(
            f"{address} needs certificates: name ca-file, client.cert and client.key of {setting}, "
            "for example in a file that the variable DASK_CONFIG names."
        )
    if given["require_encryption"] and not is_encrypted:
        raise ClusterError(
            f"{address} is not encrypted, as Dask's configuration requires: begin it with tls://."
        )


def _away(workers: Collection[str] | None) -> str:
    """What a scheduler lacks, or "": its workers, or None where it does not answer."""
    if workers is None:
        return "does not answer"
    return "" if workers else "has no workers"


class ClusterEngine:
    """Judges notebooks and makes feedback pages on the workers of a Dask scheduler.

    The workers have nbjudge, and no disk in common with this machine: what they need of the course
    is sent to each that has to know it. A worker with other code, or that cannot isolate student
    code as the others do, is not used, also one that joins later.

    Parameters
    ----------
    address
        Of the scheduler, as tcp://HOST:8786, or tls://HOST:8786 with the certificates of Dask's
        configuration.
    assignments
        What is judged.
    say
        Called with sentences on workers that cannot be used.

    Raises
    ------
    ClusterError
        The scheduler does not answer, or has no worker that can be used.
    """

    is_for_submissions = True

    def __init__(
        self,
        address: str,
        assignments: Iterable[Assignment],
        say: Callable[[str], object] = lambda text: None,
    ):
        self.address, self.say = address, say
        self.lock = threading.Lock()
        self.unfit: dict[str, str] = {}  # why a worker is not used, by address
        self.asked: dict[Future, list[str] | None] = {}  # and of which workers alone
        self.there: Mapping[str, int] = {}  # the threads of each worker, when it was asked last
        self.lost = ""  # why nothing can be asked any more
        self.ended = threading.Event()
        self.copies: dict[str, CourseCopy] = {}  # by the key of the assignment
        for assignment in assignments:
            self.copies[assignment.key] = copy_of(assignment)
        check_encryption(address)
        try:
            self.client = Client(address, timeout=PATIENCE, set_as_default=False, name="nbjudge")
        except ValueError as error:
            raise ClusterError(
                f"{address} is no address of a Dask scheduler, such as tcp://HOST:8786: {error}"
            ) from None
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address}: {error}. `dask scheduler` prints its "
                "address; a firewall may be between it and this machine."
            ) from None
        try:
            self.workers = self._look()
        except BaseException:
            self.client.close()
            raise
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> "ClusterEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def missing_levels(self) -> Mapping[str, str]:
        """Why not all workers have a level of isolation, "" where they do: {level: reason}."""
        found = dict.fromkeys(NAMES, "")
        for here in self.workers.values():
            for level, why in here.missing.items():
                found[level] = found[level] or (why and f"{here.machine}: {why}")
        return found

    @property
    def threads(self) -> int:
        """How many submissions the workers that are used judge at a time."""
        threads = [count for name, count in self.there.items() if name not in self.unfit]
        return max(1, sum(threads))

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge one job.

        Raises
        ------
        EngineError
            After several workers have died of it, or as `Engine.judge`.
        IsolationError
            Where student code cannot be isolated on any worker.
        ClusterError
            Where the scheduler is gone, or all of its workers.
        """
        copy = self.copies[job.preparation.key.partition("/")[0]]
        task = JudgeTask(code_digest(), copy.digest, job.preparation.key, config, job.submission)
        while True:
            answer = self._run(job.title, worker.judge, task)
            if isinstance(answer, Unknown):
                # Where it has ended meanwhile, another one takes the task.
                try:
                    told = self.client.run(
                        worker.know,
                        copy,
                        job.preparation,
                        workers=[answer.worker],
                        on_error="ignore",
                    )
                except OSError:  # CommClosedError, for one: the scheduler is gone
                    self._wait_for_scheduler()
                    continue
                for name, reason in told.items():
                    if reason:
                        self._leave_out(name, reason)
            elif isinstance(answer, NotHere):
                self._leave_out(answer.worker, answer.reason)
            else:
                return answer

    def make_page(self, notebook: bytes, about: About) -> str:
        """Make the feedback page of a graded notebook.

        Raises
        ------
        EngineError, ClusterError
            As `judge`.
        """
        return self._run("feedback", worker.make_page, notebook, about)

    def judged(self, workers: int) -> int:
        """As many as the workers that are there judge, or `workers`."""
        return min(workers, self.threads)

    def under_way(self, workers: int) -> int:
        """Where all workers judge, one more for each, so that none of them waits for the next."""
        threads = self.threads
        return workers if workers < threads else AHEAD * threads

    def processes(self) -> list[int]:
        """None on this machine."""
        return []

    def close(self) -> None:
        """Leave the cluster; whoever waits for an answer gets a ClusterError."""
        self.ended.set()
        with contextlib.suppress(TimeoutError):  # on a busy machine: nobody waits for it any more
            self.client.close(timeout=5)

    def _look(self) -> dict[str, Here]:
        """The workers that can be used, once there is one."""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ClusterError(
                f"The Dask scheduler at {self.address} has no workers: none joined in {PATIENCE} "
                f"seconds. Start one with `dask worker {self.address}` where nbjudge is installed."
            ) from None
        # Not by client.run, which keeps the worker from answering anybody while it imports nbjudge.
        there = {
            name: self.client.submit(
                about_here, key=f"about-{uuid.uuid4().hex}", pure=False, workers=[name]
            )
            for name in self._known()
        }
        end, found = time.monotonic() + PATIENCE, {}
        for name, future in there.items():
            try:
                here: Here = future.result(timeout=max(0.1, end - time.monotonic()))
            except Exception as error:  # whatever goes wrong there
                what = str(error).strip() or "no answer"
                self._leave_out(
                    name, f"it has no nbjudge that runs: {type(error).__name__}: {what}"
                )
                continue
            if here.code == code_digest():
                found[name] = here
            else:
                self._leave_out(name, OTHER_CODE)
        if not found:
            raise ClusterError(
                f"None of the workers at {self.address} can be used; {next(iter(there))}: "
                f"{next(iter(self.unfit.values()))}."
            )
        return found

    def _leave_out(self, name: str, why: str) -> None:
        with self.lock:
            is_new = name not in self.unfit
            self.unfit[name] = why
        if is_new:
            self.say(f"The worker {name} is not used: {why}.")
            event("worker_left_out", WARNING, worker=name, why=why)

    def _fit(self) -> list[str] | None:
        """The workers that are used; None for all.

        Raises
        ------
        IsolationError
            Where all that are there are unfit.
        """
        if not self.unfit:
            return None
        there = list(self._known())
        fit = [name for name in there if name not in self.unfit]
        if there and not fit:
            raise IsolationError(
                f"No worker at {self.address} can be used any more; {there[0]}: "
                f"{self.unfit[there[0]]}."
            )
        return fit or None

    def _known(self) -> Mapping[str, Any]:
        """The workers that the scheduler has now."""
        workers: Mapping[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        self.there = {name: int(one["nthreads"]) for name, one in workers.items()}
        return workers

    def _run(self, title: str, do: Callable[..., A], *given: object) -> A:
        """Let a worker do something; another one, where it dies of it or meanwhile."""
        for attempt in range(ATTEMPTS):
            while True:
                self._check()
                wanted = self._fit()
                future = self.client.submit(
                    do,
                    *given,
                    key=f"{title}-{uuid.uuid4().hex}",  # what the dashboard shows
                    pure=False,
                    workers=wanted,
                )
                try:
                    answer: A = self._answer(future, wanted)
                    return answer
                except (ClusterError, EngineError, IsolationError):
                    raise
                except (FutureCancelledError, CommClosedError):
                    # By _watch, or of a scheduler that was started again or is gone.
                    self._wait_for_scheduler()
                except Exception as error:  # KilledWorker, and what one raises that is being ended
                    name = type(error).__name__
                    event("worker_failed", WARNING, error=name, attempt=attempt + 1)
                    if attempt == ATTEMPTS - 1:
                        raise EngineError(
                            f"the workers that judged it died or failed: {name}: {error}"
                        ) from None
                    break
        raise AssertionError("unreachable")

    def _answer(self, future: Future, wanted: list[str] | None) -> Any:
        """What a future gives; it is cancelled where it cannot give anything any more.

        Raises
        ------
        Exception
            The future's.
        ClusterError
            Where the cluster is lost.
        """
        with self.lock:  # `_lose` cancels what it finds here: nothing may come after it
            self._check()
            self.asked[future] = wanted
        try:
            while True:
                try:
                    return future.result(timeout=PATIENCE)
                except TimeoutError:
                    if future.status == "error":  # of what was asked for
                        raise
                    self._check()  # also where Dask has forgotten the future
        finally:
            with self.lock:
                del self.asked[future]

    def _check(self) -> None:
        if self.lost:
            raise ClusterError(self.lost)

    def _wait_for_scheduler(self) -> None:
        """Return once the scheduler answers again.

        Raises
        ------
        ClusterError
            Where it does not.
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.client.status not in ("running", "closed"):
            self._check()
            time.sleep(0.2)
        self._check()
        if self.client.status != "running":
            self._lose(f"The Dask scheduler at {self.address} does not answer any more")
            self._check()

    def _watch(self) -> None:
        """
        Ask again what only workers were asked that have ended, and give up where no worker is left
        and none comes; a thread of its own.
        """
        since, before, is_away = time.monotonic(), set(self.there), ""
        while not self.ended.wait(LOOK):
            try:
                there = set(self._known()) if self.client.status == "running" else None
            except Exception:  # it is being connected again, or closed
                there = None
            if there is not None:
                for name in sorted(before - there):
                    event("worker_ended", WARNING, worker=name)
                for name in sorted(there - before):
                    event("worker_joined", worker=name)
                before = there
            was_away, is_away = is_away, _away(there)
            if not is_away or is_away != was_away:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                self._lose(f"The Dask scheduler at {self.address} {is_away} any more")
                return
            if is_away and is_away != was_away and not self.ended.is_set():
                self.say(
                    f"The Dask scheduler at {self.address} {is_away}; waiting for {PATIENCE} "
                    "seconds."
                )
            with self.lock:
                asked = list(self.asked.items())
            if there:
                self._cancel(f for f, wanted in asked if wanted and there.isdisjoint(wanted))

    def _cancel(self, futures: Iterable[Future]) -> None:
        for future in futures:
            with contextlib.suppress(Exception):  # the client may be closed
                future.cancel()

    def _lose(self, what: str) -> None:
        with self.lock:
            self.lost = f"{what}. {KEPT}"
            asked = list(self.asked)
        self._cancel(asked)
