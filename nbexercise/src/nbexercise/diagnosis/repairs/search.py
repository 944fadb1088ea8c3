"""Find a change to a student's own code that corrects a failing function.

Each change from `changes` is tried on the smallest failing case; the changes that help there are
tried on all other cases. A reported change is therefore a fact about the student's code: with that
single change, every check passes. If no single change corrects the function, changes that correct
one of several outputs are tried, and then pairs of changes.
"""

import functools
import itertools
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from ...judging.beside import beside
from ...judging.calling import CaseRun
from ...judging.capture import TimeIsUpError, quiet, time_limit
from ...judging.kinds import kind_of
from ...judging.model import CallOutcome, Case, CaseSet, leaves
from .changes import LIKELY, Change, Changes, changes_of
from .evidence import Evidence
from .oracle import IsRight, Oracle
from .repair import Repair
from .sources import keeps_attributes, may_crash, methods_of, source_of
from .trials import Variant

__all__ = ["changes_in", "repair"]

SECONDS = 1.5  # processor time, for a call that does more than `trials` counts
MOST_GROUPS = 3  # groups of cases, of two or more, that are corrected alone
FEWEST_VALUES = 6  # different values in results that are right not by chance; a float is three
MOST_PAIRED = 120  # changes that are tried in pairs


def repair(
    case_set: CaseSet, runs: Sequence[CaseRun], function: Callable[..., Any]
) -> Repair | None:
    """Return the most plausible repair of a failing function; None if there is none.

    Parameters
    ----------
    runs
        Calls of the function, one for each case of `case_set`.
    """
    if isinstance(function, type):
        return _repair_of_class(case_set, runs, function, methods_of(function))
    source = source_of(function)
    changes = changes_in(source[0], case_set) if source else None
    return _repair(case_set, runs, function, function, changes)


def _repair_of_class(
    case_set: CaseSet, runs: Sequence[CaseRun], function: type, methods: Sequence[Any]
) -> Repair | None:
    """Return the most plausible repair of a single method; None if there is none."""
    sources = {method: source for method in methods if (source := source_of(method))}
    names = re.findall(r"\bself\.(\w+)", "\n".join(text for text, _ in sources.values()))
    attributes = [f"self.{name}" for name in dict.fromkeys(names) if name not in vars(function)]
    changes = {
        method: changes_in(text, case_set, attributes) for method, (text, _) in sources.items()
    }
    if keeps_attributes(function) or None in changes.values():
        return None
    # A change of one method may leave what another repeats forever, so all are counted.
    try:
        counted = {m.__name__: beside(function, c.source(())) for m, c in changes.items() if c}
    except Exception:  # a method cannot be defined outside of its class
        return None
    counting = type(function.__name__, (function,), counted)
    tried = (_repair(case_set, runs, counting, m, c) for m, c in changes.items())
    found = sorted(filter(None, tried), key=lambda repair: repair.changes[0].rank)
    if not found:
        return None
    best, *others = found
    elsewhere = [
        replace(change, lines=tuple(line + other.first - best.first for line in change.lines))
        for other in others
        for change in other.changes
        if change.rank == best.changes[0].rank
    ]
    return replace(best, others=(*best.others, *elsewhere))


def _repair(
    case_set: CaseSet,
    runs: Sequence[CaseRun],
    function: Callable[..., Any],
    changed: Callable[..., Any],
    changes: Changes | None,
) -> Repair | None:
    """Return the most plausible repair of a function; None if there is none.

    Parameters
    ----------
    changed
        The function, or a method of the class.
    changes
        The possible changes to it.
    """
    source = source_of(changed)
    if source is None or changes is None or may_crash(changed, source[0]):
        return None
    text, first = source
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = Oracle(case_set, runs, changes, function)
        if not oracle.wrong:
            return None
        search = _Search(case_set, oracle, changes, Evidence(oracle, changes, first))
        # What is right in part may hide a fault in another method, through what both keep.
        found = search.found() if changed is function else search.found_alone()
    return found and replace(found, first=first, source=tuple(text.split("\n")))


def changes_in(text: str, case_set: CaseSet, attributes: Sequence[str] = ()) -> Changes | None:
    """Return the possible changes to a function of an exercise; None if there are none."""
    values = (v for case in case_set.cases for v in case.expected.values.values())
    gives_integers = all(type(part) is int for value in values for part in leaves(value))
    kinds = _kinds(case_set.cases) | dict.fromkeys(attributes, "attribute")
    return changes_of(text, kinds, case_set.handed_out, gives_integers)


def _kinds(cases: Sequence[Case]) -> dict[str, str]:
    """Return the kinds of arguments, dictionary entries, sizes and strings."""
    kinds: dict[str, str] = {}
    strings = Counter(v for case in cases for v in case.arguments.values() if isinstance(v, str))
    for name, value in ((n, v) for case in cases for n, v in case.arguments.items()):
        is_array = isinstance(value, np.ndarray)
        kinds[name] = "array" if is_array else "int" if type(value) is int else ""
        if isinstance(value, str) and value.isidentifier() and strings[value] > 1:  # a mode
            kinds[repr(value)] = "string"
        if isinstance(value, dict):
            entries = {f"{name}[{key!r}]": item for key, item in value.items()}
            kinds |= {entry: "int" for entry, item in entries.items() if type(item) is int}
        if is_array:
            kinds |= {f"{name}.shape[{axis}]": "int" for axis in range(value.ndim)}
    return kinds


class _Search:
    """Strategies: the changes that are tried, alone, for a part of the cases, and in pairs."""

    def __init__(
        self, case_set: CaseSet, oracle: Oracle, changes: Changes, evidence: Evidence
    ) -> None:
        self.case_set, self.oracle = case_set, oracle
        self.changes, self.evidence = changes, evidence
        self.variants: dict[int, Variant | None] = {}  # by rank of their changes
        # Changes with a different answer on the smallest failing case.
        self.effective: dict[Change, CallOutcome] = {}
        self.partial: Repair | None = None  # a change that corrects only some checks

    def found(self) -> Repair | None:
        """Return the changes, without their source; None if there are none."""
        with suppress(TimeIsUpError), time_limit(SECONDS, 10 * SECONDS):
            likely = [change for change in self.changes.all if change.rank <= LIKELY]
            return self._first_alone() or self._in_part(likely) or self._pair() or self.partial
        return self.partial

    def found_alone(self) -> Repair | None:
        """Return a change that corrects everything on its own."""
        with suppress(TimeIsUpError), time_limit(SECONDS, 10 * SECONDS):
            return self._first_alone()
        return None

    def _first_alone(self) -> Repair | None:
        """Return the most plausible change that corrects everything on its own."""
        ranks = itertools.groupby(self.changes.all, lambda change: change.rank)
        return next(filter(None, (self._alone(rank, list(same)) for rank, same in ranks)), None)

    def _alone(self, rank: int, some: Sequence[Change]) -> Repair | None:
        """Return the first change that corrects everything on its own, and the others as well."""
        some = self.oracle.affordable(some)
        variant = self.variants[rank] = self.oracle.variant(some)
        if variant is None:
            return None
        first, lines, correcting = self.oracle.cases[0], set[int](), list[Change]()
        before = next(self.oracle.outcomes(variant, first, [()]), None)
        outcomes = [
            (change, outcome)
            for change, outcome in self._each(some, first)
            if outcome and not (before and self.oracle.agree(outcome, before, first))
        ]
        self.effective |= outcomes
        halves = [change for change, outcome in outcomes if self.oracle.is_right(outcome, first)]
        for change in halves:  # one for each line is enough
            if change.lines[0] not in lines and self.evidence.corrects(variant, change):
                correcting.append(change)
                lines.update(change.lines)
        if not (correcting or self.partial) and rank <= LIKELY:  # else it may be by chance
            self.partial = self._for_some_checks(halves, first.group)
        if not correcting:
            return None
        return Repair((self._plain(correcting[0]),), others=(*correcting[1:],))

    def _plain(self, change: Change) -> Change:
        """Return a change that puts a number where another one puts a name, if it does as much.

        Then the name's value matters only by chance, as that of a small number in a comparison
        with 0.
        """
        literals = self.changes.literals(change)
        variant = self.oracle.variant(literals)
        if variant is None:
            return change
        return next((c for c in literals if self.evidence.corrects(variant, c)), change)

    def _in_part(self, some: Sequence[Change]) -> Repair | None:
        """Return a change that corrects one of several outputs, or some checks."""
        if partial := self._for_one_output() or self.partial:
            return partial
        groups = list(dict.fromkeys(run.case.group for run in self.oracle.wrong[1:]))[:MOST_GROUPS]
        return next(filter(None, (self._for_some_checks(some, group) for group in groups)), None)

    def _for_one_output(self) -> Repair | None:
        """Return a change that corrects one of several wrong outputs in every case.

        If an output has a wrong type, the values of the others are unknown: they may be right. In a
        case that must raise an exception, there are no outputs. The results of a returned function
        are no outputs of their own. An output that stays wrong must stay as it is: else the change
        may undo another fault for one of the outputs it affects. In a `return` statement, only the
        order may be wrong: its values were computed elsewhere.
        """
        wrong, (first, *rest) = self.oracle.wrong, self.oracle.cases
        cases = [*(run.case for run in wrong), *self.case_set.fresh]
        raises = any(c.expected.values.keys() != first.expected.values.keys() for c in cases)
        if self._has_other_problems or raises or self.case_set.keeps_state:
            return None
        has = {
            name: functools.partial(self.oracle.has, name=name) for name in first.expected.values
        }
        names = [n for n in has if not all(has[n](run.outcome, run.case) for run in wrong)]
        for name in names if len(names) > 1 else ():
            if not _are_telling(case.expected.values[name] for case in cases):
                continue
            some = [c for c, outcome in self.effective.items() if has[name](outcome, first)]
            of_return = [c for c in some if self.changes.of_return(c)]
            some = [c for c in of_return if c.swaps] + [c for c in some if c not in of_return]
            for change in self._right_in(some, rest, has[name]):
                right = [n for n in names if self._right_in([change], cases, has[n])]
                left = tuple(n for n in names if n not in right)
                if not (change in of_return or self._keeps(change, left)):
                    continue
                earned = [n for n in right if left and self.evidence.earns(change, cases, has[n])]
                if earned and not self.evidence.cancels(change, cases):
                    return Repair((change,), outputs=tuple(earned), left=left)
        return None

    @property
    def _has_other_problems(self) -> bool:
        """True if a call returned nothing, or something of another type."""
        problems = (run.outcome.problem for run in self.oracle.wrong)
        return any(problem and problem.kind != "error" for problem in problems)

    def _keeps(self, change: Change, names: Sequence[str]) -> bool:
        """True if a change leaves these outputs as they are, or corrects what raised an error."""
        runs = self.oracle.wrong
        pairs = ((run, o) for run in runs for _, o in self._each([change], run.case) if o)
        return any(run.outcome.problem for run in runs) or all(
            self.oracle.same(run, outcome, name) for run, outcome in pairs for name in names
        )

    def _for_some_checks(self, changes: Sequence[Change], group: str) -> Repair | None:
        """Return a change that corrects the cases of a group and those of all checks of the group.

        It must spoil no other case, and be right in fresh cases of the group. If no case is right
        yet, it could be a part of the solution. To take a variable away may be right because the
        group does without it, as without a factor that is always 1.
        """
        failed, is_right = [run.case for run in self.oracle.wrong], self.oracle.is_right
        cases = [c for c in (*failed, *self.case_set.fresh) if c.group == group]
        groups = {case.group for case in failed}
        checks = [
            check
            for check in self.case_set.checks
            if kind_of(check).of_values and {*check.groups} & groups
        ]
        is_telling = _are_telling(v for case in cases for v in case.expected.values.values())
        if not (self.oracle.right and is_telling and len(checks) > 1 < len(cases)):
            return None
        if self._has_other_problems:
            return None
        some = [change for change in changes if not self.changes.drops_a_name(change)]
        for change in self._right_in(some, (*cases, *self.oracle.right), is_right):
            wrong = {
                case.group for case in failed if not self._right_in([change], [case], is_right)
            }
            left = tuple(f'"{check.name}"' for check in checks if {*check.groups} & wrong)
            right = tuple(f'"{c.name}"' for c in checks if not {*c.groups} & wrong)
            constants = self.changes.constants(change)
            earned = left and right and self.evidence.earns(change, cases, is_right, constants)
            if earned and not self.evidence.cancels(change, cases):
                return Repair((change,), checks=right, left=left)
        return None

    def _pair(self) -> Repair | None:
        """Return two likely changes that together correct everything; None if there are none."""
        likely = [change for change in self.effective if change.rank <= LIKELY][:MOST_PAIRED]
        pairs = [
            (one, other)
            for one, other in itertools.combinations(likely, 2)
            if not {*one.lines} & {*other.lines}
        ]
        variant = self.oracle.variant(likely) if pairs else None
        if variant is None:
            return None
        first, oracle = self.oracle.cases[0], self.oracle
        for pair, outcome in zip(pairs, oracle.outcomes(variant, first, pairs), strict=False):
            is_right = outcome and oracle.is_right(outcome, first)
            if is_right and self.evidence.corrects(variant, *pair):
                return Repair(pair)
        return None

    def _right_in(
        self, changes: Sequence[Change], cases: Iterable[Case], is_right: IsRight
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
                outcomes = self.oracle.outcomes(variant, case, [(change,) for change in some])
                yield from zip(some, outcomes, strict=False)


def _are_telling(values: Iterable[Any]) -> bool:
    """True if results are too many and too different to be right by chance."""
    parts = {part for value in values for part in leaves(value)}
    return sum(1 + 2 * (type(part) is float) for part in parts) >= FEWEST_VALUES
