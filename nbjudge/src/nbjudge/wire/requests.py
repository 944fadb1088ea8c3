"""What the judge asks of a session, and what comes back from beside student code.

A request is answered by one message of those in its `answers`, with the request's number, so that
no answer can be forged in advance. While a function of the student's runs, its process may ask the
judge in its turn: a `CallBack`, answered by a `CallBackReturned` or a `CallBackRaised`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from nbjudge.wire.messages import Message

# Answers


@dataclass(frozen=True)
class Done(Message):
    """It is done."""


@dataclass(frozen=True)
class NotWritten(Message):
    """A file could not be written."""

    why: str


@dataclass(frozen=True)
class Cause(Message):
    """Why code failed, if that is a limit or a lack of the grader.

    Attributes
    ----------
    name
        The cause's name in the table `judging.causes.CAUSES`.
    detail
        The module, path or number that its sentences name, if any.
    """

    name: str
    detail: str = ""


@dataclass(frozen=True)
class DroppedImport(Message):
    """An import of a module that the grader lacks, without which a cell was run.

    Attributes
    ----------
    name
        The name that it would have bound, which the cell does not use.
    """

    statement: str
    module: str
    name: str


@dataclass(frozen=True)
class CellRan(Message):
    """A cell came to an end.

    Attributes
    ----------
    others
        The names that have another value than the request's digests say.
    too_long
        Whether it was stopped as its processor time was up.
    cause
        Why it failed, if that is the grader's.
    """

    success: bool
    outputs: Sequence[object]  # whatever a student's code made of them: see `outputs.checked`
    others: list[str]
    too_long: bool
    cause: Cause | None = None
    dropped: list[DroppedImport] = field(default_factory=list)


@dataclass(frozen=True)
class Found(Message):
    """The value of a name; of a class of exceptions, module and name of it and its bases too."""

    value: object
    classes: list[tuple[str, str]] | None


@dataclass(frozen=True)
class NotFound(Message):
    """There is no such name."""


@dataclass(frozen=True)
class Returned(Message):
    """What a call returned.

    Attributes
    ----------
    changed
        The arguments that it changed, by place, as they are now.
    too_long
        Whether its processor time was up.
    earlier
        What the last call before it returned, as it is now, if this call changed it; else empty.
    """

    value: object
    outputs: Sequence[object]
    changed: list[tuple[int, object]]
    too_long: bool = False
    earlier: list[object] = field(default_factory=list)


@dataclass(frozen=True)
class ErrorReport(Message):
    """An exception.

    Attributes
    ----------
    classes
        Module and name of its class and that one's bases.
    text
        Its message.
    frames
        File, line, function and text of each line of its traceback.
    exception
        Itself, if its class is the student's.
    cause
        Its cause, if that is the grader's.
    """

    classes: list[tuple[str, str]]
    text: str
    frames: list[tuple[str, int, str, str]]
    exception: object
    cause: Cause | None = None


@dataclass(frozen=True)
class Raised(Message):
    """What a call raised instead of returning; the rest is as in Returned."""

    error: ErrorReport
    outputs: Sequence[object]
    changed: list[tuple[int, object]]
    too_long: bool = False
    earlier: list[object] = field(default_factory=list)


# Calls of the judge's functions by the student's


@dataclass(frozen=True)
class CallBack(Message):
    """Call one of the judge's functions that are on offer."""

    function: int
    args: Sequence[object]
    kwargs: dict[str, object]


@dataclass(frozen=True)
class CallBackReturned(Message):
    """What the judge's function returned."""

    value: object


@dataclass(frozen=True)
class CallBackRaised(Message):
    """What the judge's function raised."""

    type_name: str
    text: str


# Requests


@dataclass(frozen=True)
class Request(Message):
    """What a session is to do. An interrupt, or an answer that cannot travel, is a Raised."""

    answers: ClassVar[tuple[type[Message], ...]] = (Done, Raised)

    number: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class Begin(Request):
    """Search the working folder for modules, seed random numbers, say whether to draw figures."""

    seed: int
    draw: bool


@dataclass(frozen=True)
class WriteFile(Request):
    """Write a file of the working folder."""

    answers = (Done, NotWritten, Raised)

    name: str
    content: bytes


@dataclass(frozen=True)
class RunCell(Request):
    """Run a cell.

    Attributes
    ----------
    digests
        Of the values that names should have afterwards.
    seconds
        Of a processor that it may use.
    draw
        Whether its figures are drawn.
    is_students
        Whether students can change it: imports that fail and that it does not use are left out.
    """

    answers = (CellRan, Raised)

    source: str
    digests: dict[str, bytes]
    seconds: float
    draw: bool
    is_students: bool


@dataclass(frozen=True)
class TakeValues(Request):
    """Give names these values."""

    values: dict[str, object]


@dataclass(frozen=True)
class LookUp(Request):
    """Say what value a name has."""

    answers = (Found, NotFound, Raised)

    name: str


@dataclass(frozen=True)
class Call(Request):
    """Call a function.

    Attributes
    ----------
    names
        Bound to other values while it runs.
    without
        Names that are missing while it runs.
    random_state
        Of both generators, or None to leave them alone.
    seconds
        Of a processor that it may use; 0 for as many as it likes.
    """

    answers = (Returned, Raised)

    function: object
    args: Sequence[object]
    kwargs: dict[str, object]
    names: dict[str, object]
    without: list[str]
    random_state: object
    seconds: float


@dataclass(frozen=True)
class Apply(Request):
    """Do something else with objects than call them."""

    answers = (Returned, Raised)

    operation: str
    args: Sequence[object]


REQUESTS = (Begin, WriteFile, RunCell, TakeValues, LookUp, Call, Apply)
