"""An engine whose workers are those of a Dask scheduler."""

import importlib.util
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from nbjudge.cluster import worker
from nbjudge.cluster.course_copy import CourseCopy
from nbjudge.cluster.scheduler import Scheduler
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
from nbjudge.errors import ClusterError
from nbjudge.feedback.about import About
from nbjudge.files import digest_of
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.static_names import imported_modules
from nbjudge.sandbox.levels import NAMES

__all__ = ["ClusterEngine", "copy_of"]

AHEAD = 2  # submissions for each thread of a worker, so that none of them waits


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
    insecure
        True to connect to another machine without encryption.

    Raises
    ------
    ClusterError
        The scheduler does not answer, or has no worker that can be used.
    """

    def __init__(
        self,
        address: str,
        assignments: Iterable[Assignment],
        say: Callable[[str], object] = lambda text: None,
        insecure: bool = False,
    ):
        self.copies: dict[str, CourseCopy] = {}  # by the key of the assignment
        for assignment in assignments:
            self.copies[assignment.key] = copy_of(assignment)
        self.scheduler = Scheduler(address, say, insecure)
        try:
            self.workers = self._look()
        except BaseException:
            self.close()
            raise

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

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge one job.

        Raises
        ------
        EngineError
            After several workers have died of it, or as `Engine.judge`.
        ClusterError
            Where the scheduler is gone, or all workers that can be used.
        """
        copy = self.copies[job.preparation.key.partition("/")[0]]
        task = JudgeTask(code_digest(), copy.digest, job.preparation.key, config, job.submission)
        while True:
            answer = self.scheduler.run(job.title, worker.judge, task)
            reason: str | None
            if isinstance(answer, Unknown):
                # Where it has ended meanwhile, another one takes the task.
                reason = self.scheduler.run_on(answer.worker, worker.know, copy, job.preparation)
            elif isinstance(answer, NotHere):
                reason = answer.reason
            else:
                return answer
            if reason:
                self.scheduler.leave_out(answer.worker, reason)

    def make_page(self, notebook: bytes, about: About) -> str:
        """Make the feedback page of a graded notebook.

        Raises
        ------
        EngineError, ClusterError
            As `judge`.
        """
        return self.scheduler.run("feedback", worker.make_page, notebook, about)

    def judged(self, workers: int) -> int:
        """As many as the workers that are there judge, or `workers`."""
        return min(workers, self.scheduler.threads)

    def under_way(self, workers: int) -> int:
        """Where all workers judge, one more for each, so that none of them waits for the next."""
        threads = self.scheduler.threads
        return workers if workers < threads else AHEAD * threads

    def processes(self) -> list[int]:
        """None on this machine."""
        return []

    def close(self) -> None:
        """Leave the cluster; whoever waits for an answer gets an EngineClosedError."""
        self.scheduler.close()

    def _look(self) -> dict[str, Here]:
        """The workers that can be used."""
        usable, why_none = {}, ""
        for name, here in self.scheduler.ask_each(about_here).items():
            if isinstance(here, TimeoutError):
                why_none = "; they do not answer in time: another run may keep them busy"
                continue  # what is asked here is asked again with each submission
            if isinstance(here, Exception):
                what = str(here).strip() or "no answer"
                why = f"it has no nbjudge that runs: {type(here).__name__}: {what}"
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
