"""The link of a submission's stand-ins to the student's process: calls, look-ups and exceptions.

A call also carries the test's context: the names that the test has replaced or deleted, its random
state, and its processor time limit. `copies` keeps the objects of both processes equal.
"""

import signal
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from nbjudge.errors import CannotJudgeError, SessionDiedError, WireError
from nbjudge.guest.tracebacks import drop_our_frames
from nbjudge.judging.causes import CALL_TIME, ExplainedCause
from nbjudge.judging.copies import Copies
from nbjudge.judging.exceptions import ExceptionClasses, ExceptionType, make_traceback
from nbjudge.judging.explanations import Explanations
from nbjudge.judging.namespace import JudgeShell
from nbjudge.judging.random_state import RandomSync
from nbjudge.judging.remote import Remote, RemoteFunction
from nbjudge.judging.session import Crossing, Exchanged, Session
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import PLAIN_TYPES, Ref
from nbjudge.wire.outputs import Output, checked
from nbjudge.wire.requests import (
    TOO_LARGE,
    Apply,
    Call,
    Cause,
    ErrorReport,
    Found,
    LookUp,
    Raised,
    Request,
    Returned,
)
from nbjudge.wire.values import mutable_parts, public, refer_to_public
from nbjudge.wording import with_article

# Attributes of an exception: its ExplainedCause, or None; the type of a result that cannot leave.
CAUSE, RETURNED = "nbjudge_cause", "nbjudge_returned"


class Link:
    """The state that all stand-ins of one submission share.

    Parameters
    ----------
    session
        The student's process.
    shell
        Shell that runs the tests; its namespace uses this link from now on.
    explanations
        Explain exceptions that the grader caused.
    classes
        Names of the classes that the assignment asks for.
    tuples
        Names of named tuples that may hold functions.
    """

    def __init__(
        self,
        session: Session,
        shell: JudgeShell,
        explanations: Explanations,
        classes: Collection[str],
        tuples: Collection[str],
    ):
        self.session, self.shell, self.explanations = session, shell, explanations
        self.classes, self.tuples = classes, tuples
        self.copies, self.random, self.exceptions = Copies(), RandomSync(), ExceptionClasses()
        self.calls = 0  # number of requests that ran student code
        self.has_received = False  # True if the running test has received a student's value
        self.causes: list[ExplainedCause] = []  # of exceptions in the running test
        # The first thing that the running test has missed outside the student's process, as a
        # clause: a value that arrived without its type or not at all, or a refused request.
        self.missed = ""
        shell.names.link = self

    def begin_test(self, source: str) -> None:
        """Prepare for a test cell. If it seeds random numbers, the student's are seeded too."""
        self.random.begin_test(source)
        self.copies.kept.values.clear()
        self.causes, self.has_received, self.missed = [], False, ""

    def miss(self, what: str) -> None:
        """Note that the running test cannot see something outside the student's process.

        Parameters
        ----------
        what
            A clause in which "it" is the student's process.
        """
        self.missed = self.missed or what

    def look_up(self, name: str, asked: bool = True) -> Any:
        """Return the value of a name in the student's process.

        Parameters
        ----------
        asked
            True if the assignment asks for the name.

        Raises
        ------
        KeyError
            If the name is undefined.
        TypeError
            If the value is a module and the assignment asks for something else.
        CannotJudgeError
            If the test uses a module that the student's cell imported.
        TimeoutError
            If the test has exceeded its time limit.
        ValueError
            If the value is too large or nested too deeply.
        """
        exchanged = self._request(LookUp(name))
        if exchanged.exceeded:
            raise self._timeout(exchanged)
        answer = exchanged.answer
        if isinstance(answer, Raised):  # such as a value that is too large
            raise self._exception(answer.error)
        if not isinstance(answer, Found):
            raise KeyError(name)
        value = answer.value
        if isinstance(value, Remote):
            value._nbjudge.name = name
            if value._nbjudge.kind == "module" and asked:
                raise TypeError(f"{name} is a module, not what the assignment asks for")
            if value._nbjudge.kind == "module":
                raise CannotJudgeError(
                    f"{name} is imported by a cell that students can change; import it in the test "
                    "cell or in a locked cell"
                )
            if answer.classes is not None:
                kind: Any = self.exceptions.matching(answer.classes)
                if not isinstance(kind, ExceptionType):  # a test would also catch its own errors
                    raise TypeError(f"{name} is {kind.__name__} itself, not a new class")
                kind._nbjudge_class = value
                return kind
        else:
            self.has_received = True
        return value

    def call(
        self, function: Remote, args: Iterable[Any], kwargs: dict[str, Any], names: dict[str, Any]
    ) -> Any:
        """Call a stand-in's object in the student's process, and apply its changes in the judge.

        Changes to its arguments, and to the arguments and results of the latest calls, are applied.
        """
        __tracebackhide__ = True
        replaced, removed = self.shell.names.overrides()
        names, random_state = {**replaced, **names}, self.random.new_state()
        # If the test has set a processor time limit, it applies to the student's processes. Work
        # that the judge does meanwhile for the call, such as that of a helper, does not count.
        seconds, interval = signal.setitimer(signal.ITIMER_PROF, 0)
        self.calls += 1
        earlier = self.copies.kept.changes(_is_sendable)
        key = 0 if _is_variant(function) else self.calls
        call = Call(
            function, list(args), kwargs, names, removed, random_state, seconds, key, earlier
        )
        try:
            value = self._ask(call)
        finally:
            if seconds:
                signal.setitimer(signal.ITIMER_PROF, seconds, interval)
        if isinstance(value, Remote) and value._nbjudge.kind == "iterator":
            name, kind = function._nbjudge.name, with_article(value._nbjudge.type_name)
            error = TypeError(
                f"{kind} is an iterator, which cannot leave the student's process"
                if function._nbjudge.kind == "class"
                else f"{name or 'the function'} returned {kind}, which cannot leave the student's "
                "process: return a list or an array instead"
            )
            setattr(error, RETURNED, value._nbjudge.type_name)
            raise error
        return value

    def apply(self, operation: str, *args: Any) -> Any:
        """Apply an operation other than a call to the student's objects."""
        self.calls += 1
        earlier = self.copies.kept.changes(_is_sendable)
        return self._ask(Apply(operation, list(args), self.calls, earlier))

    def _ask(self, request: Call | Apply) -> Any:
        __tracebackhide__ = True  # pytest and other tools hide such frames
        known = mutable_parts(request.args, getattr(request, "kwargs", {}))
        seconds = request.seconds if isinstance(request, Call) else 0.0
        exchanged = self._request(request, known, seconds)
        answer = exchanged.answer
        assert isinstance(answer, (Returned, Raised))
        self.has_received = True
        for output in checked(answer.outputs, self.session.allowance):
            self._show(output)
        self.copies.apply(answer, known)
        self.copies.kept.keep_call(request, answer)
        cause = exchanged.exceeded.cause if exchanged.exceeded else None
        too_long = answer.too_long or cause == CALL_TIME
        if seconds and too_long:
            if not (isinstance(request, Call) and _is_variant(request.function)):
                self._note(self.explanations.explain(CALL_TIME, ""))
            if callable(signal.getsignal(signal.SIGPROF)):
                signal.raise_signal(signal.SIGPROF)  # the test's own timer would raise it
        if exchanged.exceeded:
            raise self._timeout(exchanged)
        if isinstance(answer, Raised):
            is_variant = isinstance(request, Call) and _is_variant(request.function)
            raise self._exception(answer.error, noted=not is_variant)
        return answer.value

    def _request(
        self, request: Request, known: Sequence[Any] = (), seconds: float = 0.0
    ) -> Exchanged:
        """Send a request to the session, hiding nbjudge's frames in exceptions."""
        __tracebackhide__ = True
        crossing = Crossing(known, self._refer, self._resolve, self.tuples)
        try:
            return self.session.request(request, crossing, seconds)
        except WireError as error:
            # Data of the test alone are its own fault; the student's may be as large as a message.
            kind = ValueError if self.has_received else CannotJudgeError
            what = f"arguments cannot be passed to the student's code: {error}"
            self.miss(what)
            raise kind(what) from None
        except Exception as error:
            if isinstance(error, SessionDiedError):
                self._note_cause(error, error.cause, "")
            drop_our_frames(error)
            raise

    def _timeout(self, exchanged: Exchanged) -> TimeoutError:
        """Return an exception that names the exceeded limit and shows where the code stopped."""
        assert exchanged.exceeded
        error = TimeoutError(f"{exchanged.exceeded.what}.")
        self._note_cause(error, exchanged.exceeded.cause, "")
        answer = exchanged.answer
        frames = answer.error.frames if isinstance(answer, Raised) else ()
        return error.with_traceback(make_traceback(frames))

    def _refer(self, value: Any) -> Ref:
        if isinstance(value, ExceptionType):
            value = value._nbjudge_class
        elif isinstance(type(value), ExceptionType):
            value = value._nbjudge_error
        if isinstance(value, Remote):
            return self._ref_of(value)
        if ref := public(value):
            return ref
        if callable(value) and not isinstance(value, type):
            name = getattr(value, "__name__", None) or f"the {type(value).__name__}"
            return Ref(self.session.offer(value), str(name), "judge")
        kind = with_article(type(value).__name__)
        self.miss(f"{kind} of the test cannot be passed to it")
        raise CannotJudgeError(
            f"{kind} cannot be passed to the student's process; pass "
            "numbers, strings, lists, tuples, sets, dicts, arrays, tables or functions"
        )

    def _ref_of(self, remote: Remote) -> Ref:
        state = remote._nbjudge
        if state.generation != self.session.generation:
            if state.name is None:
                raise LookupError(f"the process that held this {state.type_name} has ended")
            vars(state).update(vars(self.look_up(state.name)._nbjudge))
        return state.ref

    def _resolve(self, ref: Ref) -> type | Remote:
        if ref.kind == "type":
            return PLAIN_TYPES[ref.type_name]
        what = with_article(ref.type_name)
        if ref.kind == "plain":
            self.miss(f"only the plain value of {what} leaves it")
        elif ref.kind in ("iterator", "object", "judge") and ref.type_name not in self.classes:
            self.miss(f"{what} cannot leave it")
        if ref.kind == "function" and ref.type_name not in self.classes:
            return RemoteFunction(self, ref)
        return Remote(self, ref)

    def _exception(self, error: ErrorReport, noted: bool = True) -> BaseException:
        """Return the student's exception, with its type, message and traceback.

        Parameters
        ----------
        noted
            True to note the cause of the exception if it lies with the grader.
        """
        if error.cause and error.cause.name == TOO_LARGE:
            self.miss(f"a value cannot leave it: {error.text[:100]}")
        try:
            exception = self.exceptions.rebuild(error)
            name = error.classes[0][1] if error.classes else ""
            if noted:
                self._note_cause(exception, error.cause, f"{name}: {error.text}")
            return exception
        except Exception:
            return WireError("an exception that cannot be read")

    def _note_cause(self, exception: BaseException, cause: Cause | None, text: str) -> None:
        """Explain an exception, if it was caused by the grader."""
        explanation = self.explanations.explain(cause, text)
        setattr(exception, CAUSE, explanation)
        self._note(explanation)

    def _note(self, explanation: ExplainedCause | None) -> None:
        self.causes += [explanation] if explanation else []

    def _show(self, output: Output) -> None:
        if output["output_type"] == "stream":
            stream = sys.stderr if output["name"] == "stderr" else sys.stdout
            stream.write(output["text"])
        elif output["output_type"] == "display_data":
            self.shell.display_pub.publish(output["data"], output["metadata"])


def _is_sendable(value: Any) -> bool:
    """True if a value consists of plain data and the student's objects."""

    def refer(part: Any) -> Ref:
        return part._nbjudge.ref if isinstance(part, Remote) else refer_to_public(part)

    try:
        encode(value, refer)
    except WireError:
        return False
    return True


def _is_variant(function: object) -> bool:
    return isinstance(function, Remote) and function._nbjudge.is_variant
