"""Find out why a function fails: the known mistakes that explain every case, or certain facts."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .calling import CaseRun, call, is_not_written
from .comparing import agree, close
from .kinds import looked_at
from .model import CallOutcome, Case, CaseSet, KnownMistake
from .properties import properties
from .verdict import Verdict

__all__ = ["diagnose"]

FEWEST_WRONG = 2  # answers that a mistake explains, where other calls gave none


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
    cases = (*case_set.cases, *case_set.cases[:1])
    runs = [
        _RunEvidence(run, case.mistaken, verdict, case_set)
        for run, case in zip(verdict.runs, cases, strict=False)
    ]
    runs.sort(key=lambda evidence: evidence.run is not failing)
    mistakes = _mistakes(verdict, case_set, runs)
    alone = [runs[0].explained_by(mistake.name) for mistake in mistakes]
    facts = () if mistakes else tuple(_where_it_answers(verdict, runs) or properties(verdict))
    return replace(verdict, mistakes=mistakes, apart=alone == [True, False], facts=facts)


def _where_it_answers(verdict: Verdict, runs: list["_RunEvidence"]) -> list[str]:
    """The sentence of a known mistake that explains every call which ended without a problem."""
    answered = [run for run in runs if run.run.outcome.problem is None]
    wrong = [run for run in answered if not run.is_right]
    if len(answered) == len(runs) or len(wrong) < FEWEST_WRONG or not verdict.repeatable:
        return []
    named = [
        mistake
        for mistake in runs[0].case_set.mistakes
        if all(run.explained_by(mistake.name) for run in answered)
    ]
    if len(named) != 1:
        return []
    (mistake,) = named
    return [f"Where it gives an answer, one thing explains it: {mistake.diagnosis} {mistake.hint}"]


def _mistakes(
    verdict: Verdict, case_set: CaseSet, runs: list["_RunEvidence"]
) -> tuple[KnownMistake, ...]:
    """The known mistakes that explain every call: one, or two together; none if unsure.

    runs: the failing one first
    """
    named = [
        mistake
        for mistake in case_set.mistakes
        if all(run.explained_by(mistake.name) for run in runs)
    ]
    if len(named) == 1:
        return (named[0],)
    if verdict.is_stopped or not verdict.repeatable:
        return ()
    possible = list(case_set.mistakes)
    # Small ones first: one that is right rules many mistakes out, one that is wrong most pairs.
    by_size = sorted(runs, key=lambda run: (run.is_right, _work(run.run.case)))
    for run in [run for run in by_size if run.is_right][:2]:
        possible = [mistake for mistake in possible if run.explained_by(mistake.name)]
    pairs = list(itertools.combinations(possible, 2))
    for run in by_size:
        pairs = [(a, b) for a, b in pairs if run.explained_by_both(a.name, b.name)]
    if len(pairs) != 1:
        return ()
    return tuple(sorted(pairs[0], key=lambda mistake: not runs[0].explained_by(mistake.name)))


class _RunEvidence:
    """One call, beside what known mistakes give for its case. Each is compared with it once.

    A mistake is asked about alone and in every pair, so what was found out is kept.
    """

    def __init__(
        self,
        run: CaseRun,
        mistaken: Mapping[str, CallOutcome],
        verdict: Verdict,
        case_set: CaseSet,
    ) -> None:
        self.run, self.mistaken = run, mistaken
        self.verdict, self.case_set = verdict, case_set
        self.is_right = _gave(case_set, run, run.case.expected)
        self._explained: dict[str, bool] = {}  # by the mistake's name
        self._changed: dict[str, set[str]] = {}  # the outputs that it changes

    def explained_by(self, name: str) -> bool:
        """Whether the call gave what a mistake gives."""
        if name not in self._explained:
            self._explained[name] = self._explains(self.mistaken[name])
        return self._explained[name]

    def explained_by_both(self, one: str, other: str) -> bool:
        """Whether two mistakes give what the call gave: made together, or each in its own cases.

        If nobody knows what they give together, one must explain the call, or each its own
        outputs; both a right one.
        """
        outcomes = self.mistaken[one], self.mistaken[other]
        if _of_one(self.run.outcome) and not any(outcome.problem for outcome in outcomes):
            return False
        if hasattr(self.mistaken, "both"):
            outcome = self.mistaken.both(one, other)
            return outcome is not None and self._explains(outcome)
        if not all(outcome.repeatable for outcome in outcomes):
            return False
        explained = self.explained_by(one), self.explained_by(other)
        if self.is_right:
            return all(explained)
        return any(explained) or self._explained_apart(one, other)

    def _explained_apart(self, one: str, other: str) -> bool:
        """Whether the call gave, in each output, what the only mistake gives that changes it."""
        outcomes = self.mistaken[one], self.mistaken[other]
        if any(outcome.problem for outcome in (self.run.outcome, *outcomes)):
            return False
        if self._changed_by(one) & self._changed_by(other):
            return False
        expected = self.run.case.expected
        together = dict(expected.values)
        for name, outcome in zip((one, other), outcomes, strict=True):
            together |= {output: outcome.values[output] for output in self._changed_by(name)}
        spoilt = {name for outcome in outcomes for name in outcome.changed}
        in_order = tuple(name for name in self.run.case.arguments if name in spoilt)
        fields = {"cache", *looked_at(self.case_set.checks)}
        faults = [
            (name, value)
            for outcome in outcomes
            for name, value in vars(outcome).items()
            if name in fields and value != getattr(expected, name)
        ]
        apart = replace(expected, **dict(faults), values=together, changed=in_order)
        return len(faults) == len(dict(faults)) and self._explains(apart)

    def _changed_by(self, name: str) -> set[str]:
        """The outputs to which a mistake gives other values."""
        if name not in self._changed:
            values = self.mistaken[name].values
            self._changed[name] = {
                output
                for output, expected in self.run.case.expected.values.items()
                if not close(values[output], expected, self.case_set.tolerance, self.run.precision)
            }
        return self._changed[name]

    def _explains(self, outcome: CallOutcome) -> bool:
        if not outcome.repeatable:
            return not self.verdict.repeatable
        return _gave(self.case_set, self.run, outcome)


def _gave(case_set: CaseSet, run: CaseRun, outcome: CallOutcome) -> bool:
    """Whether a call gave an outcome, as far as the checks look at it."""
    fields = looked_at(case_set.checks)
    return agree(run.outcome, outcome, case_set.tolerance, run.precision, fields)


def _of_one(outcome: CallOutcome) -> bool:
    """Whether two mistakes never cause a problem together: no code, or an answer of another form.

    Every pair would be tried on it in vain, for up to a second.
    """
    problem = outcome.problem
    return problem is not None and (problem.kind != "error" or is_not_written(outcome))


def _work(case: Case) -> int:
    """How many numbers a case asks for."""
    return sum(array.size for array in case.expected.values.values())
