"""Find out why a function fails: the known mistakes that explain every case, or certain facts."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .calling import CaseRun, call, is_not_written
from .comparing import agree, close
from .kinds import kind_of
from .model import CallOutcome, Case, CaseSet, KnownMistake
from .properties import properties
from .verdict import Verdict

__all__ = ["diagnose"]


def diagnose(verdict: Verdict, case_set: CaseSet, function: Callable[..., Any]) -> Verdict:
    """The verdict with what is known of why it fails; unchanged if it passes.

    Parameters
    ----------
    case_set
        The cases of the verdict with the outcomes of known mistakes.
    function
        The function judged; it is called again with the failing case.
    """
    failing = verdict.failing
    if failing is None or verdict.is_not_written:
        return verdict
    if not verdict.is_stopped:
        again = call(case_set.returns, failing.case, function).outcome
        pairs = [(failing, again), (verdict.runs[0], verdict.runs[-1].outcome)]
        repeatable = all(_gave(case_set, run, outcome) for run, outcome in pairs)
        verdict = replace(verdict, repeatable=repeatable)
    evidence = _Evidence(verdict, case_set)
    mistakes = evidence.mistakes()
    alone = [evidence.explains_failing(mistake) for mistake in mistakes]
    facts = () if mistakes else tuple(properties(verdict))
    return replace(verdict, mistakes=mistakes, apart=alone == [True, False], facts=facts)


class _Evidence:
    """What a function gave, beside what known mistakes give for the same cases."""

    def __init__(self, verdict: Verdict, case_set: CaseSet) -> None:
        self.verdict, self.case_set, self.failing = verdict, case_set, verdict.failing
        cases = (*case_set.cases, *case_set.cases[:1])
        self.mistaken = {
            id(run): case.mistaken for run, case in zip(verdict.runs, cases, strict=False)
        }

    def mistakes(self) -> tuple[KnownMistake, ...]:
        """The known mistakes that explain every call: one, or two together; none if unsure."""
        runs = sorted(self.verdict.runs, key=lambda run: run is not self.failing)
        named = [
            mistake
            for mistake in self.case_set.mistakes
            if all(self._explains(self._of(run)[mistake.name], run) for run in runs)
        ]
        if len(named) == 1:
            return (named[0],)
        if self.verdict.is_stopped or not self.verdict.repeatable:
            return ()
        # Small ones first: one that is right rules many mistakes out, one that is wrong most pairs.
        runs = sorted(self.verdict.runs, key=lambda run: (self._is_right(run), _work(run.case)))
        possible = list(self.case_set.mistakes)
        for run in [run for run in runs if self._is_right(run)][:2]:
            possible = [m for m in possible if self._explains(self._of(run)[m.name], run)]
        pairs = list(itertools.combinations(possible, 2))
        for run in runs:
            pairs = [pair for pair in pairs if self._explain_together(pair, run)]
        if len(pairs) != 1:
            return ()
        return tuple(sorted(pairs[0], key=lambda mistake: not self.explains_failing(mistake)))

    def explains_failing(self, mistake: KnownMistake) -> bool:
        """Whether a mistake alone gives what the failing call gave."""
        assert self.failing is not None
        return self._explains(self._of(self.failing)[mistake.name], self.failing)

    def _of(self, run: CaseRun) -> Mapping[str, CallOutcome]:
        """The outcomes of all known mistakes on a call's case."""
        return self.mistaken[id(run)]

    def _is_right(self, run: CaseRun) -> bool:
        return _gave(self.case_set, run, run.case.expected)

    def _explain_together(self, pair: tuple[KnownMistake, ...], run: CaseRun) -> bool:
        """Whether two mistakes give what a call gave: made together, or each in its own cases.

        If nobody knows what they give together, one must explain the call, or each its own
        outputs; both a right one.
        """
        one, other = (mistake.name for mistake in pair)
        mistaken = self._of(run)
        if _of_one(run.outcome) and not (mistaken[one].problem or mistaken[other].problem):
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

    def _explain_apart(self, outcomes: tuple[CallOutcome, ...], run: CaseRun) -> bool:
        """Whether a call gave, in each output, what the only mistake gives that changes it."""
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
        in_order = tuple(name for name in run.case.arguments if name in spoilt)
        apart = CallOutcome(together, faults[0] if faults else "", in_order)
        return len(faults) < 2 and self._explains(apart, run)

    def _close(self, array: Any, expected: Any, run: CaseRun) -> bool:
        return close(array, expected, self.case_set.tolerance, run.precision)

    def _explains(self, outcome: CallOutcome, run: CaseRun) -> bool:
        if not outcome.repeatable:
            return not self.verdict.repeatable
        return _gave(self.case_set, run, outcome)


def _gave(case_set: CaseSet, run: CaseRun, outcome: CallOutcome) -> bool:
    """Whether a call gave an outcome, as far as the checks look at it."""
    dtypes = any(kind_of(check).of_dtypes for check in case_set.checks)
    return agree(run.outcome, outcome, case_set.tolerance, run.precision, dtypes)


def _of_one(outcome: CallOutcome) -> bool:
    """Whether two mistakes never cause a problem together: no code, or an answer of another form.

    Every pair would be tried on it in vain, for up to a second.
    """
    problem = outcome.problem
    return problem is not None and (problem.kind != "error" or is_not_written(outcome))


def _work(case: Case) -> int:
    """How many numbers a case asks for."""
    return sum(array.size for array in case.expected.values.values())
