"""Requests of the judge to a session, and the answers.

Each request is answered by one message of a class in its `answers`, with the number of the request,
so that no answer can be forged in advance. While a student's function runs, its process may call
back: a `CallBack`, answered by a `CallBackReturned` or a `CallBackRaised`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from nbjudge.wire.messages import Message

# Answers


@dataclass(frozen=True)
class Done(Message):
    """The request succeeded."""


@dataclass(frozen=True)
class NotWritten(Message):
    """A file could not be written."""

    why: str


TOO_LARGE = "too large"  # name of the cause of a value that is too large to be sent


@dataclass(frozen=True)
class Cause(Message):
    """A limit or missing feature of the grader that made code fail.

    Attributes
    ----------
    name
        A key of `judging.causes.CAUSES`, or TOO_LARGE.
    detail
        The module, path or number that the texts for the cause mention, if any.
    """

    name: str
    detail: str = ""


@dataclass(frozen=True)
class DroppedImport(Message):
    """An import of a module that the grader lacks; the cell was run without it.

    Attributes
    ----------
    name
        The name that the import would have bound, which the cell does not use.
    """

    statement: str
    module: str
    name: str


@dataclass(frozen=True)
class CellRan(Message):
    """A cell has finished.

    Attributes
    ----------
    others
        Names whose values do not match the digests in the request.
    too_long
        True if the cell was stopped because it exceeded its processor time.
    cause
        Cause of the failure, if it lies with the grader.
    """

    success: bool
    outputs: Sequence[object]  # untrusted: see `outputs.checked`
    others: list[str]
    too_long: bool
    cause: Cause | None = None
    dropped: list[DroppedImport] = field(default_factory=list)


@dataclass(frozen=True)
class Found(Message):
    """The value of a name.

    Attributes
    ----------
    classes
        Module and name of the class and of each base class, for an exception class; otherwise None.
    """

    value: object
    classes: list[tuple[str, str]] | None


@dataclass(frozen=True)
class NotFound(Message):
    """The name is not defined."""


@dataclass(frozen=True)
class Returned(Message):
    """The result of a call.

    Attributes
    ----------
    changed
        The arguments that the call changed: their indices and new values.
    too_long
        True if the call exceeded its processor time.
    earlier
        Values of earlier calls that this call changed, as in `Kept.changes`.
    """

    value: object
    outputs: Sequence[object]
    changed: list[tuple[int, object]]
    too_long: bool = False
    earlier: list[tuple[int, list[int], object]] = field(default_factory=list)


@dataclass(frozen=True)
class ErrorReport(Message):
    """An exception of the student's code, as plain data.

    Attributes
    ----------
    classes
        Module and name of the exception's class and of each base class.
    text
        Message of the exception.
    frames
        File, line number, function and source of each line of its traceback.
    exception
        The exception itself, if the student defined its class.
    cause
        Cause of the exception, if it lies with the grader.
    """

    classes: list[tuple[str, str]]
    text: str
    frames: list[tuple[str, int, str, str]]
    exception: object
    cause: Cause | None = None


@dataclass(frozen=True)
class Raised(Message):
    """The exception that a call raised; for the other attributes see `Returned`."""

    error: ErrorReport
    outputs: Sequence[object]
    changed: list[tuple[int, object]]
    too_long: bool = False
    earlier: list[tuple[int, list[int], object]] = field(default_factory=list)


# Callbacks: student code calls functions in the judge


@dataclass(frozen=True)
class CallBack(Message):
    """Call one of the functions that the judge has offered."""

    function: int
    args: Sequence[object]
    kwargs: dict[str, object]


@dataclass(frozen=True)
class CallBackReturned(Message):
    """The return value of the judge's function."""

    value: object


@dataclass(frozen=True)
class CallBackRaised(Message):
    """The exception that the judge's function raised."""

    type_name: str
    text: str


# Requests


@dataclass(frozen=True)
class Request(Message):
    """A request to a session.

    The answer is a Raised if the request is interrupted or its regular answer cannot be sent.
    """

    answers: ClassVar[tuple[type[Message], ...]] = (Done, Raised)

    number: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class Begin(Request):
    """Make the working folder importable, seed random numbers, set whether to draw figures."""

    seed: int
    draw: bool


@dataclass(frozen=True)
class WriteFile(Request):
    """Write a file to the working folder."""

    answers = (Done, NotWritten, Raised)

    name: str
    content: bytes


@dataclass(frozen=True)
class RunCell(Request):
    """Run a cell.

    Attributes
    ----------
    digests
        Digests of the values that names should have after the run.
    seconds
        Limit of the cell's processor time in seconds.
    draw
        True to draw the cell's figures.
    is_students
        True if students can change the cell. Unused imports of missing modules are then dropped.
    """

    answers = (CellRan, Raised)

    source: str
    digests: dict[str, bytes]
    seconds: float
    draw: bool
    is_students: bool


@dataclass(frozen=True)
class TakeValues(Request):
    """Assign values to names."""

    values: dict[str, object]


@dataclass(frozen=True)
class LookUp(Request):
    """Get the value of a name."""

    answers = (Found, NotFound, Raised)

    name: str


@dataclass(frozen=True)
class Call(Request):
    """Call a function.

    Attributes
    ----------
    names
        Values to bind to names during the call.
    without
        Names to remove during the call.
    random_state
        State for both random generators; None to leave them unchanged.
    seconds
        Limit of the call's processor time in seconds; 0 for no limit.
    key
        Number of the call, under which both processes keep its values; 0 for a variant of the
        student's function, whose values no test keeps.
    earlier
        Values of earlier calls that the test has changed, as in `Kept.changes`.
    """

    answers = (Returned, Raised)

    function: object
    args: Sequence[object]
    kwargs: dict[str, object]
    names: dict[str, object]
    without: list[str]
    random_state: object
    seconds: float
    key: int
    earlier: list[tuple[int, list[int], object]]


@dataclass(frozen=True)
class Apply(Request):
    """Apply an operation other than a call to the student's objects.

    Attributes
    ----------
    key, earlier
        As in `Call`.
    """

    answers = (Returned, Raised)

    operation: str
    args: Sequence[object]
    key: int
    earlier: list[tuple[int, list[int], object]]


REQUESTS = (Begin, WriteFile, RunCell, TakeValues, LookUp, Call, Apply)
