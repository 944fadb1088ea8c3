"""Find a change to a student's own code that corrects a failing function.

Each change from `changes` is tried on the smallest failing case; the changes that help there are
tried on all other cases. A reported change is therefore a fact about the student's code: with that
single change, every check passes. If no single change corrects the function, changes that correct
one of several outputs are tried, and then pairs of changes.

A change that only hides a fault is not reported: if as much is right once the changed statement is
deleted, its slice emptied or its branch turned off, the fault is elsewhere.
"""

import dis
import functools
import inspect
import itertools
import re
import textwrap
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...judging.calling import CaseRun, call
from ...judging.capture import TimeIsUpError, quiet, time_limit
from ...judging.comparing import agree, close
from ...judging.kinds import kind_of, looked_at
from ...judging.model import CallOutcome, Case, CaseSet, Problem, leaves
from ...judging.returned import as_outcome, same
from ...judging.subject import subject
from ...judging.wording import listed
from .changes import LIKELY, LONGEST, Change, Changes, changes_of
from .moves import GONE, TYPO
from .trials import Trials, Variant

__all__ = ["Repair", "changes_in", "repair", "source_of"]

SECONDS = 0.5  # processor time, for a call that does more than `trials` counts
QUOTED = 60  # characters of a quoted line
MOST_GROUPS, FEWEST_CASES = 3, 2  # groups of cases that are corrected alone; cases in each
MOST_PAIRED = 120  # changes that are tried in pairs
# With names such as these, a change can make code read or write outside its arrays, which ends the
# kernel; so no change is tried.
UNSAFE = {"as_strided", "strides", "stride_tricks", "ctypes", "memoryview", "frombuffer"}
UNSAFE |= {"__array_interface__", "__array_struct__", "from_dlpack", "cffi", "setflags"}


@dataclass(frozen=True)
class Repair:
    """Changes that correct a function, one of its outputs, or its results in some checks.

    Attributes
    ----------
    changes
        One change, or two that are needed together.
    first
        Number of the function's first line in its cell.
    source
        Lines of the function.
    others
        Alternative changes that also correct the function.
    outputs
        Names of the only corrected outputs; () if all are.
    checks
        Names of the only corrected checks; () if all are.
    left
        Names of the other outputs or checks, which are still wrong.
    """

    changes: tuple[Change, ...]
    first: int = 1
    source: tuple[str, ...] = ()
    others: tuple[Change, ...] = ()
    outputs: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """True if the changes correct everything."""
        return not (self.outputs or self.checks)

    @property
    def is_certain(self) -> bool:
        """False if the cause may be another: the change is rare, or one elsewhere works, too."""
        likely = all(change.rank <= LIKELY for change in self.changes)
        return likely and not self.checks and not self._elsewhere

    @property
    def _elsewhere(self) -> list[int]:
        """Numbers of the other lines in which a change would correct the function."""
        own = {*self.changes[0].lines}
        lines = {other.lines[0] for other in self.others if not own & {*other.lines}}
        return sorted(self.first - 1 + line for line in lines)

    @property
    def sentences(self) -> list[str]:
        """One sentence for each change, with the number of the line and its code."""
        also = " The same holds for {}."
        texts = {c: f"In {self._where(c)}, {c.clause}." for c in self.changes}
        texts |= {c: f"L{self._where(c)[1:]} {GONE}." for c in self.changes if c.clause == GONE}
        return [
            text + self._others(change, also) + self._unlike(change)
            for change, text in texts.items()
        ]

    @property
    def words(self) -> tuple[str, str, str]:
        """The mistake in one line, the same as a sentence with a heading, and the effect."""
        clause = " ".join(self.sentences)
        if self.is_certain:
            return clause, f"What happened: {clause}", self.effect
        return f"Perhaps: {clause}", f"What may have happened: {clause}", self.effect

    @property
    def effect(self) -> str:
        """Sentence about the tested effect of the changes."""
        places = sum(change.places for change in self.changes)
        what = {1: "this alone", 2: "both"}.get(places, f"all {places}")
        lines = " or ".join(map(str, self._elsewhere[:2]))
        if self.is_full:
            also = f" (Changing line {lines} would work, too.)" if lines else ""
            return f"Fixing {what} makes every case right.{also}"
        right, verb = listed(self.checks or self.outputs), "is" if len(self.left) == 1 else "are"
        return f"Fixing {what} makes {right} right; {listed(self.left)} {verb} still wrong."

    @property
    def place(self) -> str:
        """Sentence that quotes the line of a known mistake; "" if the line is uncertain."""
        lines = {change.lines[0] for change in (*self.changes, *self.others)}
        first = self.changes[0]
        returns = self.source[first.lines[0] - 1].strip().startswith("return ")
        unclear = len(self.changes) > 1 or len(lines) > 1 or first.rank > LIKELY
        if not self.is_full or unclear or returns:  # what is returned was computed in another line
            return ""
        where = f"{self._where(first)}{self._others(first, ' and in {}')}"
        if first.clause.startswith(TYPO):
            return f"In {where}, {TYPO}."
        if first.places > len(first.lines) == 1:
            number = {2: "Two", 3: "Three"}.get(first.places, f"{first.places}")
            return f"{number} changes in {where} would fix it."
        return f"Changing {where} would fix it."

    def _others(self, change: Change, text: str) -> str:
        """Return a text that lists the other lines of a change; "" if there are none."""
        pairs = zip(change.lines[1:], change.others, strict=True)
        numbers = [self.first - 1 + line for line, clause in pairs if change.is_like(clause)]
        lines = "line" if len(numbers) == 1 else "lines"
        return text.format(f"{lines} {listed(numbers)}") if numbers else ""

    def _unlike(self, change: Change) -> str:
        """Return sentences about the other lines in which other numbers are wrong."""
        pairs = zip(change.lines[1:], change.others, strict=True)
        unlike = [(line, clause) for line, clause in pairs if not change.is_like(clause)]
        return "".join(f" In line {self.first - 1 + line}, {clause}." for line, clause in unlike)

    def _where(self, change: Change) -> str:
        line = self.source[change.lines[0] - 1]
        code = line.strip().rstrip(":")
        if len(code) > QUOTED:
            column = len(line.encode()[: change.column].decode(errors="ignore"))
            column -= len(line) - len(line.lstrip())
            start = min(max(0, column - QUOTED // 3), len(code) - QUOTED)
            end = start + QUOTED
            code = f"{'... ' * (start > 0)}{code[start:end]}{' ...' * (end < len(code))}"
        return f"line {self.first - 1 + change.lines[0]} ({code})"


def repair(
    case_set: CaseSet, runs: Sequence[CaseRun], function: Callable[..., Any]
) -> Repair | None:
    """Return the most plausible repair of a failing function; None if there is none.

    Parameters
    ----------
    runs
        Calls of the function, one for each case of `case_set`.
    """
    source = source_of(function)
    if source is None or _may_crash(function, source[0]):
        return None
    text, first = source
    changes = changes_in(text, case_set)
    if changes is None:
        return None
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = _Search(case_set, runs, changes, function, first)
        found = search.found() if search.wrong else None
    return found and replace(found, first=first, source=tuple(text.split("\n")))


def changes_in(text: str, case_set: CaseSet) -> Changes | None:
    """Return the possible changes to a function of an exercise; None if there are none."""
    values = (v for case in case_set.cases for v in case.expected.values.values())
    gives_integers = all(type(part) is int for value in values for part in leaves(value))
    return changes_of(text, _kinds(case_set.cases), case_set.handed_out, gives_integers)


class _Search:
    """Search for changes that correct all calls."""

    def __init__(
        self,
        case_set: CaseSet,
        runs: Sequence[CaseRun],
        changes: Changes,
        function: Any,
        first: int,
    ) -> None:
        self.case_set, self.fields = case_set, looked_at(case_set.checks)
        self.changes, self.trials = changes, Trials(function, case_set.returns)
        passed = [self._passes(run) for run in runs]
        wrong = [run for run, is_right in zip(runs, passed, strict=True) if not is_right]
        self.wrong = sorted(wrong, key=_size)
        right = [run.case for run, is_right in zip(runs, passed, strict=True) if is_right]
        self.right = sorted(right, key=lambda case: case.expected.size)
        self.cases = [*(run.case for run in self.wrong), *self.right]
        # Changes that delete a line that raised an error, if there was no answer in any wrong case.
        problems = [run.outcome.problem for run in self.wrong]
        lines = {_raising_line(problem, changes.name) for problem in problems if problem}
        self.raised = None not in problems
        self.passing = [c for n in sorted(lines) for c in changes.without_line(n - first + 1)]
        self.deletable = set[tuple[int, ...]]()  # lines without which everything is right
        self.variants: dict[int, Variant | None] = {}  # by rank of their changes
        # Changes with a different answer on the smallest failing case.
        self.effective: dict[Change, CallOutcome] = {}
        self.partial: Repair | None = None  # a change that corrects only some checks

    def found(self) -> Repair | None:
        """Return the changes, without their source; None if there are none."""
        with suppress(TimeIsUpError), time_limit(SECONDS, 10 * SECONDS):
            stages = itertools.groupby(self.changes.all, lambda change: change.rank <= LIKELY)
            for is_likely, some in [(key, list(stage)) for key, stage in stages]:
                if found := self._first_alone(some) or (is_likely and self._in_part(some)):
                    return found
            return self._pair() or self.partial
        return self.partial

    def _first_alone(self, some: Sequence[Change]) -> Repair | None:
        """Return the most plausible change that corrects everything on its own."""
        ranks = itertools.groupby(some, lambda change: change.rank)
        return next(filter(None, (self._alone(rank, list(same)) for rank, same in ranks)), None)

    def _alone(self, rank: int, some: Sequence[Change]) -> Repair | None:
        """Return the first change that corrects everything on its own, and the others as well."""
        some = self.trials.affordable(some, self.cases[0])
        variant = self.variants[rank] = self.trials.variant(self.changes, some) if some else None
        if variant is None:
            return None
        first, lines, correcting = self.cases[0], set[int](), list[Change]()
        before = next(self._outcomes(variant, first, [()]), None)
        outcomes = [
            (change, outcome)
            for change, outcome in self._each(some, first)
            if outcome and not (before and self._agree(outcome, before, first))
        ]
        self.effective |= outcomes
        halves = [change for change, outcome in outcomes if self._is_right(outcome, first)]
        for change in halves:  # one for each line is enough
            if change.lines[0] not in lines and self._corrects(variant, change):
                correcting.append(change)
                lines.update(change.lines)
        if not (correcting or self.partial) and rank <= LIKELY:  # else it may be by chance
            self.partial = self._for_some_checks(halves, self.wrong[0].case.group)
        return Repair((correcting[0],), others=(*correcting[1:],)) if correcting else None

    def _in_part(self, some: Sequence[Change]) -> Repair | None:
        """Return a change that corrects one of several outputs, or some checks."""
        if partial := self._for_one_output() or self.partial:
            return partial
        groups = list(dict.fromkeys(run.case.group for run in self.wrong[1:]))[:MOST_GROUPS]
        return next(filter(None, (self._for_some_checks(some, group) for group in groups)), None)

    def _pair(self) -> Repair | None:
        """Return two likely changes that together correct everything; None if there are none."""
        likely = [change for change in self.effective if change.rank <= LIKELY][:MOST_PAIRED]
        pairs = [
            (one, other)
            for one, other in itertools.combinations(likely, 2)
            if not {*one.lines} & {*other.lines}
        ]
        variant = self.trials.variant(self.changes, likely) if pairs else None
        if variant is None:
            return None
        first = self.cases[0]
        for pair, outcome in zip(pairs, self._outcomes(variant, first, pairs), strict=False):
            if outcome and self._is_right(outcome, first) and self._corrects(variant, *pair):
                return Repair(pair)
        return None

    def _helps(self, variant: Variant, *changes: Change) -> bool:
        """True if changes correct every call, in all fields that the checks compare."""
        function = variant.with_changes(changes)
        returns, cases = self.case_set.returns, [*self.cases, *self.case_set.fresh]
        return all(self._passes(call(returns, case, function)) for case in cases)

    def _corrects(self, variant: Variant, *changes: Change) -> bool:
        """True if changes correct every call, and not by hiding a fault."""
        known = any(not c.removes and c.lines in self.deletable for c in changes)
        if known and len(changes) == 1 or not self._helps(variant, *changes):
            return False
        for change in changes:
            others = [other for other in changes if other is not change]
            ways = self.changes.without(change, whole=not change.removes)
            if enough := self._any_way(ways, self._helps, *others):
                if enough is ways[0] and not (change.removes or others):
                    self.deletable.add(change.lines)
                return False
        return True

    def _earns(
        self,
        change: Change,
        cases: Sequence[Case],
        is_right: Callable[[CallOutcome, Case], bool],
        others: Sequence[Change] = (),
    ) -> bool:
        """True if a change that corrects something in these cases does not hide a fault.

        What is right once the code that raised an error is deleted was right before the change.

        Parameters
        ----------
        others
            More changes that must not correct as much.
        """
        ways = self.changes.without(change, whole=self.raised or not change.removes)
        passing = self.passing if self.raised else ()

        def is_enough(variant: Variant, way: Change) -> bool:
            return self._right_with(variant, (way,), cases, is_right)

        return self._any_way([*ways, *passing, *others], is_enough) is None

    def _cancels(self, change: Change, cases: Sequence[Case]) -> bool:
        """True if a change is right in these cases whatever the variable that it inserts is."""

        def is_enough(variant: Variant, way: Change, other: Change) -> bool:
            return self._right_with(variant, (way, other), cases, self._is_right)

        return bool(self._any_way(self.changes.constant_names(change), is_enough, change))

    def _any_way(
        self, ways: Sequence[Change], is_enough: Callable[..., bool], *others: Change
    ) -> Change | None:
        """Return the first of some changes that is enough, together with others."""
        variant = self.trials.variant(self.changes, [*ways, *others]) if ways else None
        if variant is None:
            return None
        return next((way for way in ways if is_enough(variant, way, *others)), None)

    def _right_with(
        self,
        variant: Variant,
        changes: Sequence[Change],
        cases: Sequence[Case],
        is_right: Callable[[CallOutcome, Case], bool],
    ) -> bool:
        """True if all these cases are right with changes of a variant, or cannot be tried."""
        outcomes = ((c, o) for c in cases for o in self._outcomes(variant, c, [changes]))
        return all(outcome and is_right(outcome, case) for case, outcome in outcomes)

    def _passes(self, run: CaseRun) -> bool:
        """True if a call is right in every field that the checks compare."""
        return self._agree(run.outcome, run.case.expected, run.case, self.fields)

    def _for_one_output(self) -> Repair | None:
        """Return a change that corrects one of several wrong outputs in every case.

        If an output has a wrong type, the values of the others are unknown: they may be right.
        """
        problems = (run.outcome.problem for run in self.wrong)
        if any(problem and problem.kind != "error" for problem in problems):
            return None
        first, *rest = self.cases
        names = [
            name
            for name in first.expected.values
            if not all(self._has(run.outcome, run.case, name) for run in self.wrong)
        ]
        cases = [run.case for run in self.wrong]
        for name in names if len(names) > 1 else ():
            some = [c for c, o in self.effective.items() if self._has(o, first, name)]
            for change in self._right_in(some, rest, functools.partial(self._has, name=name)):
                has = {n: functools.partial(self._has, name=n) for n in names}
                right = [n for n in names if self._right_in([change], cases, has[n])]
                left = tuple(n for n in names if n not in right)
                earned = tuple(n for n in right if left and self._earns(change, cases, has[n]))
                if earned and not self._cancels(change, cases):
                    return Repair((change,), outputs=earned, left=left)
        return None

    def _for_some_checks(self, changes: Sequence[Change], group: str) -> Repair | None:
        """Return a change that corrects the cases of a group and those of all checks of the group.

        It must spoil no other case. If no case is right yet, it could be a part of the solution.
        """
        failed = [run.case for run in self.wrong]
        cases = [case for case in failed if case.group == group]
        groups = {case.group for case in failed}
        checks = [
            check
            for check in self.case_set.checks
            if kind_of(check).of_values and {*check.groups} & groups
        ]
        if not self.right or len(cases) < FEWEST_CASES or len(checks) < 2:
            return None
        for change in self._right_in(changes, (*cases, *self.right), self._is_right):
            wrong = {c.group for c in failed if not self._right_in([change], [c], self._is_right)}
            left = tuple(f'"{check.name}"' for check in checks if {*check.groups} & wrong)
            right = tuple(f'"{c.name}"' for c in checks if not {*c.groups} & wrong)
            constants = self.changes.constants(change)
            earned = left and right and self._earns(change, cases, self._is_right, constants)
            if earned and not self._cancels(change, cases):
                return Repair((change,), checks=right, left=left)
        return None

    def _right_in(
        self,
        changes: Sequence[Change],
        cases: Iterable[Case],
        is_right: Callable[[CallOutcome, Case], bool],
    ) -> list[Change]:
        """Return the changes with which the outcomes of all these cases are right."""
        for case in cases:
            changes = [
                c for c, outcome in self._each(changes, case) if outcome and is_right(outcome, case)
            ]
        return list(changes)

    def _each(
        self, changes: Sequence[Change], case: Case
    ) -> Iterator[tuple[Change, CallOutcome | None]]:
        """Yield each change and the outcome of a call with it, while the budget lasts."""
        for rank, same_rank in itertools.groupby(changes, lambda change: change.rank):
            if variant := self.variants[rank]:
                some = list(same_rank)
                outcomes = self._outcomes(variant, case, [(change,) for change in some])
                yield from zip(some, outcomes, strict=False)

    def _outcomes(
        self, variant: Variant, case: Case, selected: Sequence[Sequence[Change]]
    ) -> Iterator[CallOutcome | None]:
        """Yield the outcome of a call with each selection of changes; None if it has a problem."""
        for answer in self.trials.answers(variant, case, selected):
            if answer is None:
                yield None
                continue
            returned, arguments = answer
            outcome = as_outcome(self.case_set.returns, case, returned)
            changed = tuple(n for n in arguments if not same(arguments[n], case.arguments[n]))
            yield None if outcome.problem else replace(outcome, changed=changed)

    def _has(self, outcome: CallOutcome, case: Case, name: str) -> bool:
        """True if an output of a call is right."""
        right, tolerance = case.expected.values[name], self.case_set.tolerance
        values = outcome.values
        return name in values and close(values[name], right, tolerance, case.precision)

    def _is_right(self, outcome: CallOutcome, case: Case) -> bool:
        """True if an outcome is right in the fields that are known without `call`."""
        return self._agree(outcome, case.expected, case)

    def _agree(
        self, outcome: CallOutcome, other: CallOutcome, case: Case, fields: Iterable[str] = ()
    ) -> bool:
        return agree(outcome, other, self.case_set.tolerance, case.precision, fields)


def _raising_line(problem: Problem, name: str) -> int:
    """Return the number of the last quoted line of a function that raised an error; 0 if none."""
    own = [line for line in problem.quoted if f", in {name}: " in line]
    return int(re.findall(r"\d+", own[-1])[0]) if own else 0


def _may_crash(function: Any, text: str) -> bool:
    """True if a function, or one of its notebook that it calls, uses a name in `UNSAFE`."""
    words, functions = {*re.findall(r"\w+", text)}, [inspect.unwrap(function)]
    for plain in functions:
        space = getattr(plain, "__globals__", {})
        names = _names_of(getattr(plain, "__code__", None))
        words |= {part for name in names for part in name.split(".")}
        called = [space[name] for name in sorted(names & space.keys())]
        functions += [
            f
            for f in called
            if isinstance(f, types.FunctionType) and f.__globals__ is space and f not in functions
        ]
    return bool(words & UNSAFE)


def _names_of(code: Any) -> set[str]:
    """Return the names that code uses, including its nested functions."""
    if not isinstance(code, types.CodeType):
        return set()
    return {*code.co_names}.union(*map(_names_of, code.co_consts))


def _size(run: CaseRun) -> tuple[bool, int, int]:
    """Return a sort key: answers before errors, cases with small steps, small cases."""
    sizes = run.case.sizes
    steps = sum(sizes.get(name, 0) for name in subject().steps)
    return run.outcome.problem is not None, steps, run.case.expected.size


def _kinds(cases: Sequence[Case]) -> dict[str, str]:
    """Return the kinds of arguments, dictionary entries, sizes and strings."""
    kinds: dict[str, str] = {}
    for name, value in ((n, v) for case in cases for n, v in case.arguments.items()):
        is_array = isinstance(value, np.ndarray)
        kinds[name] = "array" if is_array else "int" if type(value) is int else ""
        if isinstance(value, str) and value.isidentifier():  # a mode, not a text
            kinds[repr(value)] = "string"
        if isinstance(value, dict):
            entries = {f"{name}[{key!r}]": item for key, item in value.items()}
            kinds |= {entry: "int" for entry, item in entries.items() if type(item) is int}
        if is_array:
            kinds |= {f"{name}.shape[{axis}]": "int" for axis in range(value.ndim)}
    return kinds


def source_of(function: Any) -> tuple[str, int] | None:
    """Return the source of a function and the number of its first line; None if unknown."""
    try:
        lines, first = _lines(function)
    except (OSError, TypeError, ValueError, SyntaxError, AttributeError):  # such as a class
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
    # In a class, a change of one method can hide a fault in another, through what both keep.
    if not isinstance(plain, types.FunctionType) or plain.__closure__ or _keeps_values(plain):
        raise ValueError("the function can keep values for later calls")
    return inspect.getsourcelines(plain)


def _keeps_values(function: types.FunctionType) -> bool:
    """True if a function can keep state between calls, which trial calls would alter."""
    code, space = function.__code__, function.__globals__
    stores = any(step.opname == "STORE_GLOBAL" for step in dis.get_instructions(code))
    kept = [*(space.get(name) for name in code.co_names), *(function.__defaults__ or ())]
    return stores or any(isinstance(value, list | dict | set | np.ndarray) for value in kept)
