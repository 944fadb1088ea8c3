"""Find a change to a student's own code that corrects a failing function.

Each change from `changes` is tried on the smallest failing case; the changes that help there are
tried on all other cases. A reported change is therefore a fact about the student's code: with that
single change, every check passes. If no single change corrects the function, changes that correct
one of several outputs are tried, and then pairs of changes.
"""

import dis
import inspect
import itertools
import textwrap
import time
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from .calling import CaseRun, call
from .capture import TimeIsUpError, quiet, time_limit
from .changes import ALSO, CHANGE, LIKELY, LONGEST, PASSES, Change, Changes, changes_of
from .comparing import agree, close
from .kinds import looked_at
from .model import CallOutcome, Case, CaseSet
from .returned import as_outcome, same

__all__ = ["Repair", "bound", "repair"]

_T = TypeVar("_T")

MOST_PASSES = 3_000  # iterations and calls during one call of a changed function
SECONDS = 0.4  # processor time for all changes; a slow function gets fewer tries
QUOTED = 60  # characters of a quoted line
SECONDS_GRADED = 0.2  # wall-clock time, for a function in another process
MOST_PAIRED = 120  # changes that are tried in pairs


@dataclass(frozen=True)
class Repair:
    """Changes that correct a function or one of its outputs.

    Attributes
    ----------
    changes
        One change, or two that are needed together.
    output
        Name of the corrected output; "" if all outputs are corrected.
    others
        Alternative changes that also correct the function.
    first
        Number of the function's first line in its cell.
    source
        Lines of the function.
    """

    changes: tuple[Change, ...]
    output: str
    others: tuple[Change, ...]
    first: int
    source: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        """One sentence for each change, with the number of the line and its code."""
        return [self._sentence(change) for change in self.changes]

    @property
    def effect(self) -> str:
        """Sentence about the tested effect of the changes."""
        what = "these two changes" if len(self.changes) > 1 else "this change alone"
        lines = {change.lines[0] for change in self.others} - set(self.changes[0].lines)
        elsewhere = sorted(self.first - 1 + line for line in lines)[:2]
        also = f" (A change in line {' or '.join(map(str, elsewhere))} would work, too.)"
        return f"With {what}, {self.output or 'everything'} is right.{also * bool(elsewhere)}"

    @property
    def place(self) -> str:
        """Sentence that quotes the line of a known mistake; "" if the line is uncertain."""
        lines = {change.lines[0] for change in (*self.changes, *self.others)}
        if self.output or len(self.changes) > 1 or len(lines) > 1 or self.changes[0].rank > LIKELY:
            return ""
        return f"The line in your code: {self._where(self.changes[0])}."

    def _sentence(self, change: Change) -> str:
        numbers = [self.first - 1 + line for line in change.lines[1:]]
        lines = "line" if len(numbers) == 1 else "lines"
        also = f" The same holds for {lines} {_listed(numbers)}." if numbers else ""
        return f"In {self._where(change)}, {change.said}.{also}"

    def _where(self, change: Change) -> str:
        quoted = self.source[change.lines[0] - 1].strip().rstrip(":")
        quoted = quoted if len(quoted) <= QUOTED else f"{quoted[: QUOTED - 4]} ..."
        return f"line {self.first - 1 + change.lines[0]} ({quoted})"


def _listed(numbers: Sequence[int]) -> str:
    *before, last = map(str, numbers)
    return f"{', '.join(before)} and {last}" if before else last


def repair(
    case_set: CaseSet, runs: Sequence[CaseRun], function: Callable[..., Any]
) -> Repair | None:
    """Return the most plausible repair of a failing function; None if there is none.

    Parameters
    ----------
    runs
        Calls of the function, one for each case of `case_set`.
    """
    source = _source(function)
    search = _Search(case_set, runs, hasattr(function, "with_source"))
    if source is None or not search.wrong:
        return None
    text, first = source
    changes = changes_of(text, _kinds(case_set.cases))
    if changes is None:
        return None
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, output, others = search.found(changes, function)
    return Repair(found, output, others, first, tuple(text.split("\n"))) if found else None


class _Search:
    """Search for changes that correct all calls."""

    def __init__(self, case_set: CaseSet, runs: Sequence[CaseRun], is_remote: bool) -> None:
        self.case_set, self.fields = case_set, looked_at(case_set.checks)
        self.is_remote = is_remote
        wrong = [run for run in runs if not self._passes(run)]
        self.wrong = sorted(wrong, key=_size)
        cases = {id(run.case): run.case for run in self.wrong}
        rest = [case for case in case_set.cases if id(case) not in cases]
        self.cases = [*cases.values(), *sorted(rest, key=_amount)]
        self.began = time.monotonic(), time.process_time()

    def found(
        self, changes: Changes, function: Any
    ) -> tuple[tuple[Change, ...], str, tuple[Change, ...]]:
        """Return the changes, the only output that they correct ("" for all), and alternatives."""
        with suppress(TimeIsUpError), time_limit(1.2 * SECONDS, 10 * SECONDS):
            effective: dict[Change, CallOutcome] = {}
            stages = itertools.groupby(changes.all, lambda change: change.rank)
            for _, stage in self._in_time(stages):
                if found := self._alone(changes, list(stage), function, effective):
                    return (found[0],), "", (*found[1:],)
            likely = {change: out for change, out in effective.items() if change.rank <= LIKELY}
            if self._has_time() and (
                variant := _variant(function, changes.name, changes.source(likely))
            ):
                one = self._for_one_output(variant, likely)
                return (*(one or (self._pair(variant, list(likely)), "")), ())
        return (), "", ()

    def _alone(
        self,
        changes: Changes,
        some: Sequence[Change],
        function: Any,
        effective: dict[Change, CallOutcome],
    ) -> list[Change]:
        """Return the changes that each correct all outputs on their own.

        Changes with a different answer on the smallest failing case are added to `effective`.
        """
        variant = _variant(function, changes.name, changes.source(some))
        if variant is None:
            return []
        first, found = self.cases[0], list[Change]()
        before = self._outcome(variant, first)
        for change in self._in_time(some):
            outcome = self._outcome(variant, first, change)
            if outcome is None or (before and self._agree(outcome, before, first)):
                continue
            effective[change] = outcome
            if self._is_right(outcome, first) and self._helps(variant, self.cases[1:], change):
                found.append(change)
        return found

    def _pair(self, variant: "_Variant", changes: Sequence[Change]) -> tuple[Change, ...]:
        """Return two changes that together correct all outputs; () if there are none."""
        for one, other in self._in_time(itertools.combinations(changes[:MOST_PAIRED], 2)):
            apart = not {*one.lines} & {*other.lines}
            if apart and self._helps(variant, self.cases, one, other):
                return one, other
        return ()

    def _in_time(self, items: Iterable[_T]) -> Iterator[_T]:
        return itertools.takewhile(lambda _: self._has_time(), items)

    def _has_time(self) -> bool:
        """Return True within the time limit: processor time here, wall-clock time if remote."""
        by_clock, of_processor = (
            now - began
            for began, now in zip(self.began, (time.monotonic(), time.process_time()), strict=True)
        )
        return by_clock < SECONDS_GRADED if self.is_remote else of_processor < SECONDS

    def _helps(self, variant: "_Variant", cases: Sequence[Case], *changes: Change) -> bool:
        outcomes = ((self._outcome(variant, case, *changes), case) for case in cases)
        if not all(outcome and self._is_right(outcome, case) for outcome, case in outcomes):
            return False
        function = variant.with_changes(changes)
        return all(self._passes(call(self.case_set.returns, case, function)) for case in self.cases)

    def _passes(self, run: CaseRun) -> bool:
        """Return True if a call is right in every field that the checks compare."""
        return self._agree(run.outcome, run.case.expected, run.case, self.fields)

    def _for_one_output(
        self, variant: "_Variant", effective: dict[Change, CallOutcome]
    ) -> tuple[tuple[Change, ...], str] | None:
        """Return a change that corrects a wrong output in every case, and the output's name."""
        names = list(self.cases[0].expected.values)
        for name in names if len(names) > 1 else ():
            if all(self._has(run.outcome, run.case, name) for run in self.wrong):
                continue
            for change, outcome in effective.items():
                if self._has(outcome, self.cases[0], name) and all(
                    self._has(self._outcome(variant, case, change), case, name)
                    for case in self.cases[1:]
                ):
                    return (change,), name
        return None

    def _has(self, outcome: CallOutcome | None, case: Case, name: str) -> bool:
        """Return True if an output of a call is right."""
        return bool(outcome and name in outcome.values) and close(
            outcome.values[name],  # type: ignore[union-attr]
            case.expected.values[name],
            self.case_set.tolerance,
            CaseRun(case, case.expected).precision,
        )

    def _outcome(self, variant: "_Variant", case: Case, *changes: Change) -> CallOutcome | None:
        """Return the outcome of a call with some changes; None if it has a problem."""
        arguments = case.fresh_arguments()
        try:
            returned = variant.with_changes(changes)(*arguments.values())
        except (KeyboardInterrupt, TimeIsUpError):
            raise
        except BaseException:
            return None
        outcome = as_outcome(self.case_set.returns, case, returned)
        changed = tuple(n for n in arguments if not same(arguments[n], case.arguments[n]))
        return None if outcome.problem else replace(outcome, changed=changed)

    def _is_right(self, outcome: CallOutcome, case: Case) -> bool:
        """Return True if an outcome is right in the fields that are known without `call`."""
        return self._agree(outcome, case.expected, case)

    def _agree(
        self, outcome: CallOutcome, other: CallOutcome, case: Case, fields: Iterable[str] = ()
    ) -> bool:
        precision = CaseRun(case, case.expected).precision
        return agree(outcome, other, self.case_set.tolerance, precision, fields)


def _size(run: CaseRun) -> tuple[bool, int]:
    """Return a sort key: answers before errors, small cases first."""
    return run.outcome.problem is not None, _amount(run.case)


def _amount(case: Case) -> int:
    return sum(int(np.size(array)) for array in case.expected.values.values())


def _kinds(cases: Sequence[Case]) -> dict[str, str]:
    """Return the kinds of arguments, dictionary entries, sizes and strings."""
    kinds: dict[str, str] = {}
    for name, value in ((n, v) for case in cases for n, v in case.arguments.items()):
        kinds[name] = _kind(value)
        if isinstance(value, str):
            kinds[repr(value)] = "string"
        if isinstance(value, dict):
            entries = {f"{name}[{key!r}]": item for key, item in value.items()}
            kinds |= {entry: "int" for entry, item in entries.items() if type(item) is int}
        if isinstance(value, np.ndarray):
            kinds |= {f"{name}.shape[{axis}]": "int" for axis in range(value.ndim)}
    return kinds


def _kind(value: Any) -> str:
    return "array" if isinstance(value, np.ndarray) else "int" if type(value) is int else ""


def _source(function: Any) -> tuple[str, int] | None:
    """Return the source of a function and the number of its first line; None if unknown."""
    try:
        lines, first = _lines(function)
    except (OSError, TypeError, ValueError, SyntaxError):
        return None
    if sum(map(len, lines)) > LONGEST:
        return None
    decorators = next((n for n, line in enumerate(lines) if line.lstrip().startswith("def ")), 0)
    return textwrap.dedent("".join(lines[decorators:])), first + decorators


def _lines(function: Any) -> tuple[list[str], int]:
    """Return the lines of a function, which may be remote, and the number of the first one."""
    if hasattr(function, "with_source"):
        text, first = function.__source__
        return text.splitlines(keepends=True), first
    plain = inspect.unwrap(function)
    if not isinstance(plain, types.FunctionType) or plain.__closure__ or _keeps_values(plain):
        raise ValueError("the function can keep values for later calls")
    return inspect.getsourcelines(plain)


def _keeps_values(function: types.FunctionType) -> bool:
    """Return True if a function can keep state between calls, which trial calls would alter."""
    code, space = function.__code__, function.__globals__
    stores = any(step.opname == "STORE_GLOBAL" for step in dis.get_instructions(code))
    kept = [*(space.get(name) for name in code.co_names), *(function.__defaults__ or ())]
    return stores or any(isinstance(value, list | dict | set | np.ndarray) for value in kept)


def _variant(function: Any, name: str, text: str) -> "_Variant | None":
    """Return the function with a switch for each change; None if its source does not compile."""
    try:
        if hasattr(function, "with_source"):
            return _Variant(function.with_source(text), name)
        code = compile(text, "<changed>", "exec")
    except Exception:
        return None
    namespace, own = inspect.unwrap(function).__globals__, dict[str, Any]()
    exec(code, namespace, own)
    return _Variant(own[name], name)


@dataclass(frozen=True)
class _Variant:
    """A function with a switch for each change, in the student's namespace."""

    function: Any
    name: str

    def with_changes(self, changes: Sequence[Change]) -> Callable[..., Any]:
        """Return the function with at most two changes selected."""
        one, also = [*(change.number for change in changes), 0, 0][:2]
        names = {CHANGE: one, ALSO: also, PASSES: MOST_PASSES, self.name: self.function}
        if hasattr(self.function, "with_names"):
            remote: Callable[..., Any] = self.function.with_names(**names)
            return remote

        def function(*arguments: Any) -> Any:
            with bound(self.function.__globals__, names):
                return self.function(*arguments)

        return function


@contextmanager
def bound(namespace: dict[str, Any], names: Mapping[str, Any]) -> Iterator[None]:
    """Bind names in a namespace while the block runs."""
    before = {name: namespace[name] for name in names if name in namespace}
    namespace.update(names)
    try:
        yield
    finally:
        for name in names.keys() - before.keys():
            namespace.pop(name, None)
        namespace.update(before)
