"""An engine that uses the workers of a Dask scheduler."""

from collections.abc import Callable, Iterable, Mapping

from nbjudge.course.assignment import Assignment
from nbjudge.engine.messages import Job, SandboxConfig
from nbjudge.errors import ClusterError
from nbjudge.feedback.about import About
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.plugins.cluster import worker
from nbjudge.plugins.cluster.scheduler import Scheduler
from nbjudge.plugins.cluster.worker import (
    OTHER_CODE,
    Here,
    JudgeTask,
    NotHere,
    Unknown,
    about_here,
    code_digest,
)
from nbjudge.plugins.shared.course_copy import CourseCopy, copy_of
from nbjudge.sandbox.levels import NAMES

__all__ = ["ClusterEngine"]

AHEAD = 2  # submissions per worker thread, so that no thread is idle


class ClusterEngine:
    """Judges notebooks and renders feedback pages on the workers of a Dask scheduler.

    The workers need nbjudge, but no disk shared with this machine: the required files of the course
    are sent to each worker that needs them. Workers are not used if their code differs or if they
    cannot isolate student code like the others; this also applies to workers that join later.

    Parameters
    ----------
    address
        Address of the scheduler: tcp://HOST:8786, or tls://HOST:8786 with the certificates in
        Dask's configuration.
    assignments
        Assignments to judge.
    say
        Function called with sentences about unusable workers.
    insecure
        True to connect to another machine without encryption.

    Raises
    ------
    ClusterError
        If the scheduler does not answer, or has no usable worker.
    """

    def __init__(
        self,
        address: str,
        assignments: Iterable[Assignment],
        say: Callable[[str], object] = lambda text: None,
        insecure: bool = False,
    ):
        self.copies: dict[str, CourseCopy] = {}  # by key of the assignment
        for assignment in assignments:
            self.copies[assignment.key] = copy_of(assignment)
        self.scheduler = Scheduler(address, say, insecure)
        try:
            self.workers = self._find_workers()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "ClusterEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def missing_levels(self) -> Mapping[str, str]:
        """Reason why a level is unavailable on some worker, "" if available: {level: reason}."""
        reasons = dict.fromkeys(NAMES, "")
        for here in self.workers.values():
            for level, why in here.missing.items():
                reasons[level] = reasons[level] or (why and f"{here.machine}: {why}")
        return reasons

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge a job on a worker of the cluster, and wait for the result.

        Raises
        ------
        EngineError
            If the job has killed several workers, or for the reasons of `Engine.judge`.
        ClusterError
            If the scheduler or all usable workers are lost.
        """
        copy = self.copies[job.preparation.key.partition("/")[0]]
        task = JudgeTask(code_digest(), copy.digest, job.preparation.key, config, job.submission)
        while True:
            answer = self.scheduler.run(job.title, worker.run_task, task)
            reason: str | None
            if isinstance(answer, Unknown):
                # If this worker has ended, the next attempt goes to another one.
                reason = self.scheduler.run_on(answer.worker, worker.know, copy, job.preparation)
            elif isinstance(answer, NotHere):
                reason = answer.reason
            else:
                return answer
            if reason:
                self.scheduler.leave_out(answer.worker, reason)

    def make_page(self, notebook: bytes, about: About) -> str:
        """Render the feedback page of a graded notebook.

        Raises
        ------
        EngineError, ClusterError
            For the reasons of `judge`.
        """
        return self.scheduler.run("feedback", worker.make_page, notebook, about)

    def capacity(self, workers: int) -> int:
        """Return the number of submissions judged in parallel, at most `workers`."""
        return min(workers, self.scheduler.threads)

    def jobs_in_flight(self, workers: int) -> int:
        """Return the number of submissions to keep in progress: AHEAD per thread if unlimited."""
        threads = self.scheduler.threads
        return workers if workers < threads else AHEAD * threads

    def processes(self) -> list[int]:
        """Return an empty list: no processes run on this machine."""
        return []

    def close(self) -> None:
        """Disconnect from the cluster; pending calls raise EngineClosedError."""
        self.scheduler.close()

    def _find_workers(self) -> dict[str, Here]:
        """Return the usable workers, and exclude the others.

        Raises
        ------
        ClusterError
            If no worker is usable.
        """
        usable, why_none = {}, ""
        for name, here in self.scheduler.ask_each(about_here).items():
            if isinstance(here, TimeoutError):
                why_none = "; they do not answer in time: another run may keep them busy"
                continue  # each submission repeats these checks
            if isinstance(here, Exception):
                reason = str(here).strip() or "no answer"
                why = f"nbjudge does not run on it: {type(here).__name__}: {reason}"
            elif here.code != code_digest():
                why = OTHER_CODE
            else:
                usable[name] = here
                continue
            self.scheduler.leave_out(name, why)
        if not usable:
            address, why_none = self.scheduler.address, self.scheduler.why_unfit() or why_none
            raise ClusterError(
                f"None of the workers at {address} can be used{why_none}. "
                f"Start one with `dask worker {address}` in an environment like this one."
            )
        return usable
