"""What the coordinator, the zygote, its workers and their judges say to each other.

======================================  ===========================  ===============================
from, to                                says                         and is answered
======================================  ===========================  ===============================
coordinator (engine.handles), zygote    SetUp, Preparation, Clone    Ready, Failed or Refused
coordinator, worker                     NotebookSubmission           Graded, Unreadable, Refused,
                                                                     Failed
coordinator, page maker                 PageJob                      Page or Failed
worker, judge (a fork of it)            nothing: it has all          RunningTest, before and after
                                                                     each test cell, then Graded,
                                                                     Unreadable or Refused
zygote, worker or judge, fork server    Isolate and the COMMANDS     as the table there says
                                        of sandbox.messages
judge, session                          a Request of wire.requests   one of its `answers`, maybe
                                                                     after a CallBack or more
======================================  ===========================  ===============================

A Job does not travel whole: its Preparation goes to the zygote, once for all workers, and its
NotebookSubmission, which names that by `key`, to one of them. All but the session trust each other;
a student's data are in here as bytes of a file, or as outputs that have been checked.
"""

from dataclasses import dataclass

from nbjudge.feedback.about import About
from nbjudge.judging.messages import NotebookSubmission
from nbjudge.notebook.spec import NotebookSpec
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class SandboxConfig(Message):
    """How student code is isolated.

    Attributes
    ----------
    output_size
        Characters that the outputs of one cell may have.
    judge_memory
        Bytes that the judge may have, outside the sandbox.
    """

    sandbox: Sandbox
    output_size: int
    judge_memory: int


@dataclass(frozen=True)
class SetUp(Message):
    """To the zygote: isolate student code like this, and judge in this environment.

    Attributes
    ----------
    folder
        For what is written while it judges, which goes when the zygote or the coordinator ends.
    """

    config: SandboxConfig
    environment: dict[str, str]
    folder: str


@dataclass(frozen=True)
class Preparation(Message):
    """What does not depend on who submits a notebook.

    Attributes
    ----------
    key
        A hash of all that scores depend on.
    files
        Of the assignment, {path: content}.
    modules
        Of the course that test cells may import, {file: hash}.
    readable
        The files and folders outside the Python environment that test cells may read.
    """

    key: str
    spec: NotebookSpec
    files: dict[str, bytes]
    modules: dict[str, str]
    readable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A notebook to be judged, with what its worker has to know; title: for people, and logs."""

    preparation: Preparation
    submission: NotebookSubmission
    title: str = ""


@dataclass(frozen=True)
class PageJob(Message):
    """A graded notebook of which a feedback page is to be made."""

    notebook: bytes
    about: About


@dataclass(frozen=True)
class Clone(Message):
    """To the zygote: fork a worker that talks over the socket that comes next."""

    for_pages: bool


@dataclass(frozen=True)
class Ready(Message):
    """It is done."""


@dataclass(frozen=True)
class Failed(Message):
    """It could not be done, for no fault of the student's.

    Attributes
    ----------
    judge_died
        Whether the judge was tried as often as it is: no other worker tries it.
    """

    reason: str
    judge_died: bool = False


@dataclass(frozen=True)
class Page(Message):
    """A feedback page."""

    html: str


@dataclass(frozen=True)
class RunningTest(Message):
    """From a judge: it runs the test cell of this number now, or none."""

    cell: int | None
