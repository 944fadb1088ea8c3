"""What runs on a worker of Dask: it judges in warm processes that stay until the worker ends."""

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
from nbjudge.cluster.course_copy import CourseCopy
from nbjudge.engine.engine import Engine
from nbjudge.engine.messages import Job, Preparation, SandboxConfig
from nbjudge.errors import IsolationError
from nbjudge.feedback.about import About
from nbjudge.judging.messages import Graded, NotebookSubmission, Unreadable
from nbjudge.sandbox import probe
from nbjudge.sandbox.sandbox import environment_folders, first_user

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
    "judge",
    "know",
    "make_page",
]

OTHER_CODE = "its nbjudge is another version, or has other code"
MOST_COURSES = 3  # whose processes are kept warm


@dataclass(frozen=True)
class JudgeTask:
    """A notebook to be judged.

    Attributes
    ----------
    code
        Of the nbjudge that asks: another one might give other points.
    course
        The digest of the course's copy.
    preparation
        The key of the assignment's notebook.
    config
        With the folders of the machine that asks, which are replaced.
    """

    code: str
    course: str
    preparation: str
    config: SandboxConfig
    submission: NotebookSubmission


@dataclass(frozen=True)
class Unknown:
    """This worker does not know the course or the assignment yet."""

    worker: str


@dataclass(frozen=True)
class NotHere:
    """This worker cannot be used; the reason is a part of a sentence."""

    worker: str
    reason: str


@dataclass(frozen=True)
class Here:
    """A worker: its machine, code, Python and NumPy, and why it lacks levels of isolation."""

    machine: str
    code: str
    python: str
    numpy: str
    missing: dict[str, str]


@functools.cache
def code_digest() -> str:
    """A hash of nbjudge's modules."""
    root = Path(nbjudge.__file__).parent
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


@functools.cache
def about_here() -> Here:
    """What the coordinator wants to know of this worker."""
    import numpy as np

    python = ".".join(platform.python_version_tuple()[:2])
    return Here(socket.gethostname(), code_digest(), python, np.__version__, probe.missing())


class _Course:
    """A course on this machine: its folder, an engine, and the assignments that it knows.

    Its folder is in the worker's local directory, which Dask removes when the next worker starts if
    this one is killed.
    """

    def __init__(self, copy: CourseCopy, place: str):
        self.copy, self.root, self.lacking = copy, copy.lay_out(place), copy.lacking()
        self.preparations: dict[str, Preparation] = {}
        self.tasks = 0  # that run now
        places = [str(self.root / name) for name in copy.search_path]
        places += filter(None, [os.environ.get("PYTHONPATH")])
        self.engine = Engine({"PYTHONPATH": os.pathsep.join(places)})

    def config(self, asked: SandboxConfig) -> SandboxConfig:
        """How student code is isolated here."""
        sandbox = replace(
            asked.sandbox,
            folders=tuple(environment_folders()),
            hidden=tuple(sorted({*asked.sandbox.hidden, str(self.root)})),
            packages=tuple(str(self.root / name) for name in self.copy.packages),
            user=first_user(),
        )
        return replace(asked, sandbox=sandbox)

    def close(self) -> None:
        """End its processes, and remove its folder."""
        self.engine.close()
        shutil.rmtree(self.root, ignore_errors=True)


_courses: dict[str, _Course] = {}  # the one used last is the last
_lock = threading.Lock()


def judge(task: JudgeTask) -> Graded | Unreadable | Unknown | NotHere:
    """Judge a notebook, if this worker can.

    Raises
    ------
    EngineError
        As `Engine.judge`.
    """
    reason = _unfit(task)
    if reason:
        return NotHere(_address(), reason)
    course = _begin(task)
    if course is None:
        return Unknown(_address())
    try:
        if course.lacking:
            reason = f"it lacks what the notebooks import: {', '.join(course.lacking)}"
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
    """Make a feedback page.

    Raises
    ------
    EngineError
        As `Engine.make_page`.
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
    return f"it cannot isolate at the level {level}: {missing}" if missing else ""


def know(copy: CourseCopy, preparation: Preparation, dask_worker: "Worker") -> str:
    """Take in a course, and an assignment's notebook; some courses are forgotten in its place.

    Returns why this worker cannot, or "". `Client.run` gives the last argument.
    """
    with _lock:
        try:
            course = _courses.pop(copy.digest, None) or _Course(copy, dask_worker.local_directory)
        except Exception as error:  # a full disk, or whatever else goes wrong here
            return f"it cannot make its copy of the course: {type(error).__name__}: {error}"
        _courses[copy.digest] = course
        course.preparations[preparation.key] = replace(
            preparation, readable=(*preparation.readable, str(course.root))
        )
        unused = [digest for digest, one in _courses.items() if not one.tasks]
        for digest in unused[:-MOST_COURSES]:
            _courses.pop(digest).close()
    return ""


def _begin(task: JudgeTask) -> _Course | None:
    """The course of a task; None where it, or the assignment, has still to be sent."""
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
