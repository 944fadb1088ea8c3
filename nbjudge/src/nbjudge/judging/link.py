"""The link of a submission's stand-ins to the student's process.

Values cross the boundary as copies, and the judge keeps its copies as the originals would be:

- The judge's objects, passed as arguments: when a call changes the student's copy, the answer's
  `changed` has the new content, and the judge's object gets it. `Link.changed` lists the objects
  that calls changed or returned, with their content before, so that another test can undo this.
- The student's objects, returned by calls: `Link.last` is the judge's copy of the latest one. If
  the next call changes the original, the answer's `earlier` has it, and the copy gets its content.
- The student's objects, looked up by name: `Names.fetched` has the copies of the running test.
  They are looked up again after a call (`count`), and replaced if the original has changed.
- The student's names that a test replaces by functions (`rebound`) or deletes (`removed`) are also
  replaced or missing in the student's process while a call runs.

Objects that cannot be copied stay in their process; on the other side, stand-ins refer to them.
"""

import collections
import copy
import random
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from nbjudge.errors import CannotJudgeError, SessionDiedError, WireError
from nbjudge.guest.shell import Shell
from nbjudge.guest.tracebacks import drop_our_frames
from nbjudge.judging.causes import ExplainedCause
from nbjudge.judging.exceptions import (
    STANDING,
    SWALLOWED,
    ExceptionType,
    is_of_a_runner,
    key_of,
    make_traceback,
)
from nbjudge.judging.random_state import RandomState, Seedings, same_state
from nbjudge.judging.remote import Remote
from nbjudge.judging.session import Exchanged, Session
from nbjudge.notebook import static_names
from nbjudge.wire.decoding import Known
from nbjudge.wire.format import Ref
from nbjudge.wire.outputs import Output, checked
from nbjudge.wire.requests import (
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
from nbjudge.wire.values import mutable_parts, public

CAUSE = "nbjudge_cause"  # attribute of an exception: its ExplainedCause, or None
# Classes that a student's function may return; any other class stays in its process.
_TYPES = (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple, type(None))
PLAIN_TYPES: dict[str, type] = {kind.__name__: kind for kind in _TYPES}


class Link:
    """Calls, look-ups and object identity that all stand-ins of one submission share.

    Parameters
    ----------
    session
        The student's process.
    classes
        Names of the classes that the assignment asks for.
    rebound
        Returns the functions that the test cell has redefined under names the student's code uses.
    removed
        The student's names that the test cell has deleted.
    """

    def __init__(
        self,
        session: Session,
        classes: Iterable[str],
        rebound: Callable[[], dict[str, Any]],
        removed: Collection[str],
    ):
        self.session, self.classes, self.rebound = session, frozenset(classes), rebound
        self.removed = removed
        self.shell: Shell | None = None
        # The judge's objects that calls changed or returned: {id: (object, copy before that)}.
        self.changed: dict[int, tuple[Any, Any]] = {}
        self.last: Any = None  # return value of the last call
        self.count = 0  # number of requests that ran student code
        # Explains exceptions that the grader caused; `causes` has those of the running test.
        self.explain: Callable[[Cause | None, str], ExplainedCause | None] = lambda cause, text: (
            None
        )
        self.causes: list[ExplainedCause] = []
        # Exception classes, by the modules and names of the class and its bases.
        self.kinds: dict[tuple[tuple[str, str], ...], type[BaseException]] = {}
        self.follow_seed, self.sent = False, self._random_state()
        session.refer, session.resolve = self._refer, self._resolve

    def begin_test(self, source: str) -> None:
        """Prepare for a test cell. If it seeds random numbers, the student's are seeded too."""
        self.follow_seed = static_names.calls_seed(static_names.parse(source))
        self.sent = self._random_state()
        self.last, self.causes = None, []

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
            If it is a module and the assignment asks for something else.
        CannotJudgeError
            If the test uses a module that the student's cell imported.
        TimeoutError
            If the test has exceeded its time limit.
        """
        exchanged = self._request(LookUp(name))
        if exchanged.exceeded:
            raise self._timeout(exchanged)
        answer = exchanged.answer
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
                kind: Any = self.exception_class(answer.classes)
                if not isinstance(kind, ExceptionType):  # a test would also catch its own errors
                    raise TypeError(f"{name} is {kind.__name__} itself, not a new class")
                kind.student_class = value
                return kind
        return value

    def call(
        self, function: Remote, args: Iterable[Any], kwargs: dict[str, Any], names: dict[str, Any]
    ) -> Any:
        """Call a stand-in in the student's process, and apply changes to the arguments here.

        Changes to the return value of the last call are applied too.
        """
        __tracebackhide__ = True
        names = {**self.rebound(), **names}
        without, random_state = sorted(self.removed), self._new_random_state()
        # If the test has set a processor time limit, it applies to the student's process.
        seconds = signal.getitimer(signal.ITIMER_PROF)[0]
        value = self._ask(Call(function, list(args), kwargs, names, without, random_state, seconds))
        if isinstance(value, Remote) and value._nbjudge.kind == "iterator":
            raise TypeError(
                f"{function._nbjudge.name or 'the function'} returned a "
                f"{value._nbjudge.type_name}, which cannot leave the student's process: return a "
                "list or an array instead"
            )
        return value

    def _change(self, known: Known, changed: Iterable[tuple[int, Any]]) -> None:
        """Apply the changes that a call made to the student's copies of the judge's arguments."""
        for index in sorted(known.used):  # a returned argument now has an alias
            self.changed.setdefault(id(known[index]), (known[index], copy.copy(known[index])))
        for index, new in changed:
            if 0 <= index < len(known):
                old = known[index]
                self.changed.setdefault(id(old), (old, copy.copy(old)))
                _assign(old, new)

    def _overwrite(self, new: Any) -> None:
        """Apply a call's changes to the last return value, except to the judge's objects in it."""
        old_parts, new_parts = mutable_parts([self.last], {}), mutable_parts([new], {})
        if len(old_parts) == len(new_parts):
            for old, part in zip(old_parts, new_parts, strict=True):
                if id(old) not in self.changed:
                    _assign(old, part)

    def undo_changes(self, but: Iterable[Any], own: Iterable[Any]) -> None:
        """Undo the changes of calls to the judge's objects, latest first.

        Parameters
        ----------
        but
            Values that keep their changes, with their parts, unless they are parts of `own`.
        own
            The judge's values.
        """
        spared = {id(part) for part in mutable_parts(but, {})}
        spared -= {id(part) for part in mutable_parts(own, {})}
        for number, (value, before) in reversed(self.changed.items()):
            if number not in spared:
                _assign(value, before)
        self.changed.clear()

    def apply(self, operation: str, *args: Any) -> Any:
        """Apply an operation other than a call to the student's objects."""
        return self._ask(Apply(operation, list(args)))

    def _ask(self, request: Call | Apply) -> Any:
        __tracebackhide__ = True  # pytest and other tools hide such frames
        known = mutable_parts(request.args, getattr(request, "kwargs", {}))
        self.count += 1
        exchanged = self._request(request, known)
        answer = exchanged.answer
        assert isinstance(answer, (Returned, Raised))
        for output in checked(answer.outputs, self.session.allowance):
            self._show(output)
        for earlier in answer.earlier:
            self._overwrite(earlier)
        if isinstance(request, Call) and isinstance(answer, Returned):
            self.last = answer.value
        self._change(known, answer.changed)
        limited = isinstance(request, Call) and request.seconds
        if answer.too_long and limited and callable(signal.getsignal(signal.SIGPROF)):
            signal.raise_signal(signal.SIGPROF)  # the test's own timer would raise it
        if exchanged.exceeded:
            raise self._timeout(exchanged)
        if isinstance(answer, Raised):
            raise self._exception(answer.error)
        return answer.value

    def _request(self, request: Request, known: Sequence[Any] = ()) -> Exchanged:
        """Send a request to the session, hiding nbjudge's frames in exceptions."""
        __tracebackhide__ = True
        try:
            return self.session.request(request, known)
        except Exception as error:
            if isinstance(error, SessionDiedError):
                self._note_cause(error, error.cause, "")
            drop_our_frames(error)
            raise

    def _timeout(self, exchanged: Exchanged) -> TimeoutError:
        """Return an exception that names the exceeded limit and shows where the code was then."""
        assert exchanged.exceeded
        error = TimeoutError(f"{exchanged.exceeded.what}.")
        self._note_cause(error, exchanged.exceeded.cause, "")
        answer = exchanged.answer
        frames = answer.error.frames if isinstance(answer, Raised) else ()
        return error.with_traceback(make_traceback(frames))

    def _refer(self, value: Any) -> Ref:
        if isinstance(value, ExceptionType):
            value = value.student_class
        elif isinstance(type(value), ExceptionType):
            value = value.student_error
        if isinstance(value, Remote):
            return self._ref_of(value)
        if ref := public(value):
            return ref
        if callable(value) and not isinstance(value, type):
            name = getattr(value, "__name__", "function")
            return Ref(self.session.offer(value), str(name), "judge")
        raise CannotJudgeError(
            f"a {type(value).__name__} cannot be passed to the student's process; pass numbers, "
            "strings, lists, tuples, sets, dicts, arrays or functions"
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
        return Remote(self, ref)

    def exception_class(self, classes: Sequence[tuple[str, str]]) -> type[BaseException]:
        """Return the judge's own class, if it exists, or a stand-in with the same name and bases.

        Parameters
        ----------
        classes
            Modules and names of the class and its bases.
        """
        ((module, name), *rest) = key = tuple((str(module), str(name)) for module, name in classes)
        home = None if module == "__main__" or module.startswith("nbjudge") else module
        native = getattr(sys.modules.get(home or ""), name, None)
        if not isinstance(native, type) or not issubclass(native, BaseException):
            native = None
        elif issubclass(native, SWALLOWED) or is_of_a_runner(home, native):
            native, home = RuntimeError, None
        elif issubclass(native, BaseExceptionGroup):
            native = None
        if home == "builtins" and native and not issubclass(native, UnicodeError):
            return native
        if key not in self.kinds:
            base = native or (self.exception_class(rest) if rest else Exception)
            made: Any = ExceptionType(name, (base,), {**STANDING, "__module__": module})
            self.kinds[key] = made
        return self.kinds[key]

    def _exception(self, error: ErrorReport) -> BaseException:
        """Return the student's exception, with its type, message and traceback."""
        try:
            kind: Any = self.exception_class(error.classes)
            exception: BaseException
            if isinstance(kind, ExceptionType):
                exception = kind.standing_for(error.exception, error.text)
            else:
                exception = kind(key_of(error.text) if kind is KeyError else error.text)
            name = error.classes[0][1] if error.classes else ""
            self._note_cause(exception, error.cause, f"{name}: {error.text}")
            return exception.with_traceback(make_traceback(error.frames))
        except Exception:
            return WireError("an exception that cannot be read")

    def _note_cause(self, exception: BaseException, cause: Cause | None, text: str) -> None:
        """Explain an exception, if it was caused by the grader."""
        explanation = self.explain(cause, text)
        setattr(exception, CAUSE, explanation)
        self.causes += [explanation] if explanation else []

    def _new_random_state(self) -> RandomState | None:
        """Return the judge's random state if the test cell has used it since it was last sent.

        Seeding and drawing both count as use. None means that there is nothing to send.
        """
        if not self.follow_seed:
            return None
        current = self._random_state()
        if current[0] == self.sent[0] and same_state(current[1], self.sent[1]):
            return None
        self.sent = current
        return current[1]

    @staticmethod
    def _random_state() -> tuple[int, RandomState]:
        """Return the number of seedings so far, and the state."""
        version, numbers, gauss = random.getstate()
        state = {"random": [version, list(numbers), gauss], "numpy": np.random.get_state()}
        return Seedings.count, state

    def _show(self, output: Output) -> None:
        if output["output_type"] == "stream":
            stream = sys.stderr if output["name"] == "stderr" else sys.stdout
            stream.write(output["text"])
        elif output["output_type"] == "display_data" and self.shell:
            self.shell.display_pub.publish(output["data"], output["metadata"])


def _assign(old: Any, new: Any) -> None:
    """Replace the content of a mutable object with that of another of the same kind."""
    if isinstance(old, np.ndarray):
        if isinstance(new, np.ndarray) and new.shape == old.shape and old.flags.writeable:
            np.copyto(old, new, casting="unsafe")
    elif any(isinstance(old, kind) and isinstance(new, kind) for kind in (list, bytearray)):
        old[:] = new
    elif isinstance(old, collections.deque) and isinstance(new, collections.deque):
        old.clear()
        old.extend(new)
    elif any(isinstance(old, kind) and isinstance(new, kind) for kind in (dict, set)):
        old.clear()
        (dict if isinstance(old, dict) else set).update(old, new)  # Counter.update would add
