"""Messages between the coordinator, the zygote, its workers and their judges.

======================================  ===========================  ===============================
sender, receiver                        message                      answer
======================================  ===========================  ===============================
coordinator (engine.handles), zygote    SetUp, Preparation, Clone    Ready, Failed or Refused
coordinator, worker                     NotebookSubmission           Graded, Unreadable, Refused,
                                                                     Failed
worker, judge (a fork of it)            none: a fork has all data    RunningTest, before and after
                                                                     each test cell; TimeLeft,
                                                                     while a session runs code;
                                                                     then Graded, Unreadable or
                                                                     Refused
zygote, worker or judge, fork server    Isolate and the COMMANDS     see sandbox.messages
                                        of sandbox.messages
judge, session                          a Request of wire.requests   one of its `answers`, possibly
                                                                     after CallBacks
======================================  ===========================  ===============================

A Job is sent in two parts: its Preparation goes to the zygote, once for all workers, and its
NotebookSubmission, which refers to the Preparation by `key`, goes to one worker. All processes
except the session trust each other. In these messages a student's data are file content, or
outputs that have been checked.
"""

from dataclasses import dataclass

from nbjudge.judging.messages import NotebookSubmission
from nbjudge.notebook.spec import NotebookSpec
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class SandboxConfig(Message):
    """Limits of a session's sandbox, its outputs and its judge.

    Attributes
    ----------
    output_size
        Maximum number of characters of one cell's outputs.
    judge_memory
        Memory limit of the judge, which is outside the sandbox, in bytes.
    """

    sandbox: Sandbox
    output_size: int
    judge_memory: int


@dataclass(frozen=True)
class SetUp(Message):
    """To the zygote: use this isolation for student code, and this environment for judges.

    Attributes
    ----------
    folder
        Folder for temporary files; removed when the zygote or the coordinator ends.
    """

    config: SandboxConfig
    environment: dict[str, str]
    folder: str


@dataclass(frozen=True)
class Preparation(Message):
    """The data for judging a notebook that do not depend on a submission.

    Attributes
    ----------
    key
        Hash of everything that scores depend on.
    files
        Files of the assignment, {path: content}.
    modules
        Modules of the course that test cells may import, {file: hash}.
    readable
        Files and folders outside the Python environment that test cells may read.
    """

    key: str
    spec: NotebookSpec
    files: dict[str, bytes]
    modules: dict[str, str]
    readable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A notebook to judge, with the data that its worker needs.

    Attributes
    ----------
    title
        Name of the job for messages and logs.
    """

    preparation: Preparation
    submission: NotebookSubmission
    title: str = ""


@dataclass(frozen=True)
class Clone(Message):
    """To the zygote: fork a worker that communicates over the socket sent next."""


@dataclass(frozen=True)
class Ready(Message):
    """The request succeeded."""


@dataclass(frozen=True)
class Failed(Message):
    """The request failed, and the student is not at fault.

    Attributes
    ----------
    judge_died
        True if the judge has died too often for another worker to try.
    """

    reason: str
    judge_died: bool = False


@dataclass(frozen=True)
class RunningTest(Message):
    """From a judge: the number of the test cell that it runs now, or None."""

    cell: int | None
