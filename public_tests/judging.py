"""Judge a function: run the cases of a case set, decide each named check, name the mistake."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .calling import NOT_WRITTEN, Call, call
from .comparing import agree, close, outputs_right, shape_right
from .model import Case, CaseSet, Check, KnownMistake, Note, Outcome
from .properties import properties

__all__ = ["CheckResult", "Run", "Verdict", "judge", "not_callable"]


@dataclass(frozen=True)
class Run:
    """One case and what the function gave for it."""

    case: Case
    call: Call

    @property
    def outcome(self) -> Outcome:
        return self.call.outcome

    @cached_property
    def precision(self) -> int:
        """Bytes per number of the coarsest floating-point argument."""
        return min((a.itemsize for a in _floats(self.case.arguments.values())), default=8)


def _floats(values) -> Iterator[np.ndarray]:
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield value
        elif isinstance(value, tuple):
            yield from _floats(value)


@dataclass(frozen=True)
class CheckResult:
    """A check, whether it passed, and the first run that failed it (None where it passed)."""

    check: Check
    passed: bool
    failing: Run | None = None


@dataclass(frozen=True)
class Verdict:
    """What the judge found out about one function.

    remark: a sentence about the circumstances, such as which helpers stood in
    wrong_helpers: names of earlier exercises that the function calls and that fail their own check
    """

    case_set: CaseSet
    function: Callable
    runs: tuple[Run, ...]
    results: tuple[CheckResult, ...]
    remark: str = ""
    wrong_helpers: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    @property
    def points(self) -> float:
        return float(sum(result.check.points for result in self.results if result.passed))

    @cached_property
    def shown(self) -> CheckResult | None:
        """The failed check to show: the first, but one of values where the first saw no shape."""
        failed = [result for result in self.results if not result.passed]
        if failed and failed[0].check.kind == "shape" and failed[0].failing.outcome.problem:
            failed.sort(key=lambda result: result.check.kind != "values")
        return failed[0] if failed else None

    @property
    def failing(self) -> Run | None:
        """The run to show: the first that failed the check to show."""
        return self.shown.failing if self.shown else None

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Notes with a pattern that is in a warning, or in the problem of a failed call."""
        texts = [text for run in self.runs for text in run.call.warned]
        texts += [run.outcome.problem.text for run in self.runs if run.outcome.problem]
        return tuple(
            note
            for note in self.case_set.notes
            if any(pattern in text for pattern in note.patterns for text in texts)
        )

    @property
    def _stopped(self) -> bool:
        """Whether a call took so long that the rest of the cases was not asked."""
        return len(self.runs) < len(_asked(self.case_set))

    @cached_property
    def repeatable(self) -> bool:
        """Whether a case asked twice, the first one or the failing one, gave the same answer."""
        if self.failing is None or self._stopped:
            return True
        again = call(self.case_set.returns, self.failing.case, self.function).outcome
        pairs = [(self.failing, again)]
        pairs.append((self.runs[0], self.runs[-1].outcome))
        return all(
            agree(outcome, run.outcome, self.case_set.tolerance, run.precision)
            for run, outcome in pairs
        )

    @cached_property
    def mistake(self) -> KnownMistake | None:
        """The known mistake that gives what this function gives, on every case; None if unsure."""
        if self.failing is None:
            return None
        runs = sorted(self.runs, key=lambda run: run is not self.failing)
        named = [
            mistake
            for mistake in self.case_set.mistakes
            if all(self._explains(run.case.mistaken[mistake.name], run) for run in runs)
        ]
        return named[0] if len(named) == 1 else None

    @cached_property
    def mistakes(self) -> tuple[KnownMistake, ...]:
        """The known mistakes that explain every case: one, or two together; none if unsure.

        Of two the one that explains the failing case by itself comes first.
        """
        if self.failing is None or self.mistake:
            return (self.mistake,) if self.mistake else ()
        if self._stopped or not self.repeatable:
            return ()
        # Small ones first: one that is right rules many mistakes out, one that is wrong most pairs.
        runs = sorted(self.runs, key=lambda run: (self._is_right(run), _work(run.case)))
        possible = list(self.case_set.mistakes)
        for run in [run for run in runs if self._is_right(run)][:2]:
            possible = [m for m in possible if self._explains(run.case.mistaken[m.name], run)]
        pairs = list(itertools.combinations(possible, 2))
        for run in runs:
            pairs = [pair for pair in pairs if self._explain_together(pair, run)]
        if len(pairs) != 1:
            return ()
        return tuple(sorted(pairs[0], key=lambda mistake: not self.explains_failing(mistake)))

    def explains_failing(self, mistake: KnownMistake) -> bool:
        """Whether a mistake alone gives what the failing run gave."""
        return self._explains(self.failing.case.mistaken[mistake.name], self.failing)

    @cached_property
    def facts(self) -> list[str]:
        """What is certain of a function that fails and whose mistake has no name."""
        return properties(self)

    def _is_right(self, run) -> bool:
        return agree(run.outcome, run.case.expected, self.case_set.tolerance, run.precision)

    def _explain_together(self, pair, run) -> bool:
        """Whether two mistakes give what a run gave: made together, or each in its own cases.

        Where nobody knows what they give together, one must explain the run, or each its own
        outputs; both a right one.
        """
        one, other = (mistake.name for mistake in pair)
        mistaken = run.case.mistaken
        if _of_one(run.outcome.problem) and not (mistaken[one].problem or mistaken[other].problem):
            return False
        if hasattr(mistaken, "both"):
            outcome = mistaken.both(one, other)
            return outcome is not None and self._explains(outcome, run)
        if not (mistaken[one].repeatable and mistaken[other].repeatable):
            return False
        outcomes = mistaken[one], mistaken[other]
        explained = [self._explains(outcome, run) for outcome in outcomes]
        if self._is_right(run):
            return all(explained)
        return any(explained) or self._explain_apart(outcomes, run)

    def _explain_apart(self, outcomes, run) -> bool:
        """Whether a run gave, in each output, what the only mistake gives that changes it."""
        if any(outcome.problem for outcome in (run.outcome, *outcomes)):
            return False
        together = {}
        for name, expected in run.case.expected.values.items():
            given = [outcome.values[name] for outcome in outcomes]
            changed = [array for array in given if not self._close(array, expected, run)]
            if len(changed) > 1:
                return False
            together[name] = changed[0] if changed else expected
        faults = [outcome.cache for outcome in outcomes if outcome.cache]
        spoilt = {name for outcome in outcomes for name in outcome.changed}
        apart = Outcome(together, faults[0] if faults else "", tuple(spoilt))
        return len(faults) < 2 and self._explains(apart, run)

    def _close(self, array, expected, run) -> bool:
        return close(array, expected, self.case_set.tolerance, run.precision)

    def _explains(self, outcome: Outcome, run: Run) -> bool:
        if not outcome.repeatable:
            return not self.repeatable
        return agree(run.outcome, outcome, self.case_set.tolerance, run.precision)


def _of_one(problem) -> bool:
    """Whether two mistakes never cause a problem together: no code, or an answer of another form.

    Every pair would be tried on it in vain, for up to a second.
    """
    return problem is not None and (problem.kind != "error" or problem.key == NOT_WRITTEN)


def _work(case) -> int:
    """How many numbers a case asks for."""
    return sum(array.size for array in case.expected.values.values())


def judge(case_set: CaseSet, function: Callable, wrong_helpers: tuple[str, ...] = ()) -> Verdict:
    """Run every case of `case set` through `function` and decide its checks.

    The first case is asked again at the end: an answer may not depend on the calls before it.

    function: anything callable with the exercise's positional arguments; plain data in and out
    wrong_helpers: as in Verdict
    raises: TypeError if `function` cannot be called
    """
    if not callable(function):
        raise TypeError(not_callable(case_set.name, function))
    runs = []
    for case in _asked(case_set):
        runs.append(Run(case, call(case_set.returns, case, function)))
        problem = runs[-1].outcome.problem
        if problem and problem.kind == "time":
            break
    results = [_decide(case_set, check, runs) for check in case_set.checks]
    if not any(result.passed for result in results if result.check.kind == "values"):
        # Leaving the input alone is worth points only to a function that does something right.
        results = [_withhold(result, runs) for result in results]
    return Verdict(case_set, function, tuple(runs), tuple(results), wrong_helpers=wrong_helpers)


def _asked(case_set) -> tuple[Case, ...]:
    return (*case_set.cases, *case_set.cases[:1])


def not_callable(name, function) -> str:
    """What to tell someone who passed something else than a function."""
    return (
        f"{name}: expected a function, got {type(function).__name__}. "
        f"Pass the function itself, without parentheses: {name}, not {name}(...)."
    )


def _decide(case_set, check, runs) -> CheckResult:
    """A check passes where every one of its cases was run and is right."""

    def concerns(case):
        return not check.groups or case.group in check.groups

    mine = [run for run in runs if concerns(run.case)]
    right = _RIGHT[check.kind]
    failing = next((run for run in mine if not right(case_set, check, run)), None)
    if failing is None and any(map(concerns, case_set.cases[len(runs) :])):
        failing = runs[-1]
    return CheckResult(check, failing is None, failing)


def _withhold(result, runs):
    if not result.passed or result.check.kind != "unchanged":
        return result
    return CheckResult(result.check, False, runs[0])


def _values_right(case_set, check, run):
    expected = run.case.expected
    return outputs_right(run.outcome, expected, check.outputs, case_set.tolerance, run.precision)


def _shape_right(case_set, check, run):
    expected = run.case.expected.values
    return run.outcome.problem is None and all(
        shape_right(run.outcome.values[name], expected[name]) for name in expected
    )


def _cache_right(case_set, check, run):
    return run.outcome.problem is None and not run.outcome.cache


def _unchanged(case_set, check, run):
    return run.outcome.problem is None and not run.outcome.changed


_RIGHT = {
    "values": _values_right,
    "shape": _shape_right,
    "cache": _cache_right,
    "unchanged": _unchanged,
}
