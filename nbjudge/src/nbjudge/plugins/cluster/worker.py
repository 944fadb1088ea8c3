"""Functions that run on a Dask worker; their warm processes live as long as the worker."""

import atexit
import functools
import hashlib
import os
import platform
import shutil
import socket
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import nbjudge
from nbjudge.engine.engine import Engine
from nbjudge.engine.messages import Job, Preparation, SandboxConfig
from nbjudge.errors import IsolationError
from nbjudge.feedback.about import About
from nbjudge.judging.messages import Graded, NotebookSubmission, Unreadable
from nbjudge.plugins.shared.course_copy import CourseCopy
from nbjudge.sandbox import probe
from nbjudge.sandbox.sandbox import environment_folders
from nbjudge.sandbox.users import first_user

if TYPE_CHECKING:
    from distributed import Worker

__all__ = [
    "OTHER_CODE",
    "Here",
    "JudgeTask",
    "NotHere",
    "Unknown",
    "about_here",
    "code_digest",
    "know",
    "make_page",
    "run_task",
]

OTHER_CODE = "its nbjudge has another version or modified code"
MOST_COURSES = 3  # courses whose processes are kept warm


@dataclass(frozen=True)
class JudgeTask:
    """A notebook to judge.

    Attributes
    ----------
    code
        Digest of the coordinator's nbjudge: different code could give different scores.
    course
        Digest of the course's copy.
    preparation
        Key of the assignment's notebook.
    config
        Sandbox configuration; the coordinator's folders in it are replaced.
    """

    code: str
    course: str
    preparation: str
    config: SandboxConfig
    submission: NotebookSubmission


@dataclass(frozen=True)
class Unknown:
    """Response of a worker that does not have the course or the assignment yet."""

    worker: str


@dataclass(frozen=True)
class NotHere:
    """Response of an unusable worker; the reason is a clause without a period."""

    worker: str
    reason: str


@dataclass(frozen=True)
class Here:
    """A worker's machine, software versions, and reasons for unavailable isolation levels."""

    machine: str
    code: str
    python: str
    numpy: str
    missing: dict[str, str]


@functools.cache
def code_digest() -> str:
    """Return a hash of nbjudge's modules."""
    root = Path(nbjudge.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def about_here() -> Here:
    """Describe this worker to the coordinator."""
    import numpy as np

    python = ".".join(platform.python_version_tuple()[:2])
    return Here(socket.gethostname(), code_digest(), python, np.__version__, probe.missing())


class _Course:
    """A course on this machine: its folder, an engine, and its assignments.

    The folder is in the worker's local directory. If the worker is killed, Dask removes that
    directory when the next worker starts.
    """

    def __init__(self, copy: CourseCopy, place: str):
        self.copy, self.root, self.lacking = copy, copy.lay_out(place), copy.lacking()
        self.preparations: dict[str, Preparation] = {}
        self.tasks = 0  # number of running tasks
        places = [str(self.root / name) for name in copy.search_path]
        places += filter(None, [os.environ.get("PYTHONPATH")])
        self.engine = Engine({"PYTHONPATH": os.pathsep.join(places)})

    def config(self, asked: SandboxConfig) -> SandboxConfig:
        """Return the coordinator's sandbox configuration with the folders of this machine."""
        sandbox = replace(
            asked.sandbox,
            folders=tuple(environment_folders()),
            hidden=tuple(sorted({*asked.sandbox.hidden, str(self.root)})),
            packages=tuple(str(self.root / name) for name in self.copy.packages),
            user=first_user(),
        )
        return replace(asked, sandbox=sandbox)

    def close(self) -> None:
        """Stop the course's processes, and remove its folder."""
        self.engine.close()
        shutil.rmtree(self.root, ignore_errors=True)


_courses: dict[str, _Course] = {}  # in order of last use
_lock = threading.Lock()


def run_task(task: JudgeTask) -> Graded | Unreadable | Unknown | NotHere:
    """Judge a notebook, if this worker can.

    Raises
    ------
    EngineError
        For the reasons of `Engine.judge`.
    """
    reason = _unfit(task)
    if reason:
        return NotHere(_address(), reason)
    course = _begin(task)
    if course is None:
        return Unknown(_address())
    try:
        if course.lacking:
            reason = f"it lacks packages that the notebooks import: {', '.join(course.lacking)}"
            return NotHere(_address(), reason)
        job = Job(course.preparations[task.preparation], task.submission)
        answer = course.engine.judge(course.config(task.config), job)
        if isinstance(answer, Graded):
            answer = replace(answer, machine=socket.gethostname(), worker=_address())
        return answer
    except IsolationError as error:
        return NotHere(_address(), str(error))
    finally:
        with _lock:
            course.tasks -= 1


def make_page(notebook: bytes, about: About) -> str:
    """Render a feedback page.

    Raises
    ------
    EngineError
        For the reasons of `Engine.make_page`.
    """
    return _page_engine().make_page(notebook, about)


@functools.cache
def _page_engine() -> Engine:
    engine = Engine({})
    atexit.register(engine.close)
    return engine


def _unfit(task: JudgeTask) -> str:
    if task.code != code_digest():
        return OTHER_CODE
    level = task.config.sandbox.level_name
    missing = probe.missing()[level]
    return f"the isolation level {level} is unavailable: {missing}" if missing else ""


def know(copy: CourseCopy, preparation: Preparation, dask_worker: "Worker") -> str:
    """Store a course and an assignment's notebook; drop the least recently used idle courses.

    Return the reason for a failure, or "". `Client.run` passes the last argument.
    """
    with _lock:
        try:
            course = _courses.pop(copy.digest, None) or _Course(copy, dask_worker.local_directory)
        except Exception as error:  # for example a full disk
            return f"it cannot create its copy of the course: {type(error).__name__}: {error}"
        _courses[copy.digest] = course
        course.preparations[preparation.key] = replace(
            preparation, readable=(*preparation.readable, str(course.root))
        )
        unused = [digest for digest, course in _courses.items() if not course.tasks]
        for digest in unused[:-MOST_COURSES]:
            _courses.pop(digest).close()
    return ""


def _begin(task: JudgeTask) -> _Course | None:
    """Return a task's course and count the task; None if data for the task is still missing."""
    with _lock:
        course = _courses.get(task.course)
        if course is None or task.preparation not in course.preparations:
            return None
        _courses[task.course] = _courses.pop(task.course)
        course.tasks += 1
        return course


def _address() -> str:
    from distributed import get_worker

    return str(get_worker().address)


@atexit.register
def _close() -> None:
    with _lock:
        for course in _courses.values():
            course.close()
        _courses.clear()
