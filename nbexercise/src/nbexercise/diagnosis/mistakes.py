"""Find the known mistakes that explain a failure: one, two together, or one for some cases."""

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun, call
from ..judging.comparing import agree, close, wrong_cells
from ..judging.kinds import looked_at
from ..judging.model import CallOutcome, CaseSet, KnownMistake, has_only_arrays, leaves
from ..judging.values import Within, difference
from ..judging.verdict import Verdict
from ..judging.wording import listed
from .findings import Diagnosis, Finding
from .repairs.repair import Repair
from .repairs.search import repair

__all__ = ["Failure", "by_group", "failure_of", "one_mistake", "two_mistakes", "where_it_answers"]

RANDOM = re.compile(r"\b(random|secrets|uuid|urandom)\b")  # modules and their functions
FEWEST_NUMBERS = 20  # different ones in the wrong answers of a group that a mistake must explain
MOST_NAMED = 2  # mistakes, each of which explains some groups of cases
FEWEST_WRONG = 2  # wrong answers that a mistake must explain if other calls gave no answer


@dataclass(frozen=True)
class Failure:
    """A verdict that failed, and the data for its explanation."""

    diagnosis: Diagnosis  # so far
    case_set: CaseSet  # with the outcomes of known mistakes
    public: CaseSet  # with what the outputs depend on
    function: Callable[..., Any]
    failing: CaseRun
    runs: list["RunEvidence"]  # the most useful first

    @property
    def shown(self) -> "RunEvidence":
        """Evidence of the failing case."""
        return next(evidence for evidence in self.runs if evidence.run is self.failing)

    @property
    def is_of_arrays(self) -> bool:
        """True if all outputs are arrays: most facts about wrong outputs are about arrays only."""
        cases = self.diagnosis.case_set.cases
        outcomes = *(run.outcome for run in self.diagnosis.runs), *(case.expected for case in cases)
        return all(map(has_only_arrays, outcomes))

    @property
    def likely(self) -> list[KnownMistake]:
        """Mistakes that fail the same checks; [] if it is unknown which checks they fail."""
        failed = {result.check.name for result in self.diagnosis.results if not result.passed}
        fails = getattr(self.shown.mistaken, "fails", None)  # of hidden cases only
        return [m for m in self.case_set.mistakes if fails and {*fails(m.name)} == failed]

    def has_sizes_of(self, mistake: KnownMistake) -> bool:
        """False if a mistake changes the sizes of outputs, and not as in all these calls.

        In the cases of one group, two ways to compute a size may agree by chance.
        """
        name = mistake.name
        runs = [e for e in self.runs if not e.run.outcome.problem and e.mistaken[name].values]

        def sizes(values: Callable[[RunEvidence], Mapping[str, Any]]) -> list[Any]:
            # The values of a stored mistake may be signatures, which have a shape, too.
            return [
                [getattr(value, "shape", ()) for value in values(evidence).values()]
                for evidence in runs
            ]

        its = sizes(lambda evidence: evidence.mistaken[name].values)
        is_plain = its == sizes(lambda evidence: evidence.expected.values)
        return is_plain or its == sizes(lambda evidence: evidence.run.outcome.values)

    @functools.cached_property
    def draws_numbers(self) -> bool:
        """True if the function's code names a module of random numbers.

        Without one, its answers differ for another reason than that of a random mistake.
        """
        try:
            remote = getattr(self.function, "__source__", None)  # as `source_of` reads it
            text = remote[0] if remote else inspect.getsource(inspect.unwrap(self.function))
        except (OSError, TypeError, ValueError):  # the code is unknown
            return True
        return bool(RANDOM.search(text))

    @functools.cached_property
    def repair(self) -> Repair | None:
        """The changes of the function's own code that make it right, or right in part."""
        if self.diagnosis.is_stopped or not self.diagnosis.repeatable:
            return None
        runs = self.diagnosis.runs[: len(self.case_set.cases)]
        return repair(self.case_set, runs, self.function)

    @property
    def full_repair(self) -> Repair | None:
        """The changes of the function's own code that make it right."""
        return self.repair if self.repair and self.repair.is_full else None


def failure_of(
    verdict: Verdict, case_set: CaseSet, function: Callable[..., Any], public: CaseSet | None
) -> Failure:
    """Call a function that failed again, and compare its calls with the known mistakes."""
    failing, repeatable = verdict.failing, True
    assert failing, "a verdict that failed has a case in which it did"
    if not verdict.is_stopped:
        again = call(case_set.returns, failing.case, function).outcome
        pairs = [(failing, again), (verdict.runs[0], verdict.runs[-1].outcome)]
        drawn = any(isinstance(v, Within) for v in failing.case.expected.values.values())
        repeatable = drawn or all(_gave(case_set, run, outcome) for run, outcome in pairs)
    cases = (*case_set.cases, *case_set.cases[:1])
    runs = [
        RunEvidence(run, case.mistaken, repeatable, case_set)
        for run, case in zip(verdict.runs, cases, strict=False)
    ]
    runs.sort(key=lambda evidence: evidence.usefulness)
    diagnosis = Diagnosis.of(verdict, repeatable=repeatable)
    return Failure(diagnosis, case_set, public or case_set, function, failing, runs)


def one_mistake(failure: Failure) -> Finding:
    """Return the known mistake that explains every call.

    Those that fail the same checks are tried first: dozens of wrong functions take long to call.
    """
    named = failure.likely and _only_mistake(failure, failure.runs, failure.likely)
    return _known(failure, named or _only_mistake(failure, failure.runs))


def _known(failure: Failure, mistakes: Sequence[KnownMistake]) -> Finding:
    """Return known mistakes as a finding; in a notebook, also with the change that repairs them.

    Of two mistakes, one that alone explains the shown case comes first.
    """
    alone = [mistake for mistake in mistakes if failure.shown.explained_by(mistake.name)]
    others = [mistake for mistake in mistakes if mistake not in alone]
    is_in_notebook = failure.public is failure.case_set
    repair = failure.full_repair if mistakes and is_in_notebook else None
    return Finding((*alone, *others), bool(alone and others), repair=repair)


def _only_mistake(
    failure: Failure, runs: list["RunEvidence"], among: Sequence[KnownMistake] = ()
) -> tuple[KnownMistake, ...]:
    """Return the known mistake that explains some calls; none if several do."""
    named = tuple(
        mistake
        for mistake in among or failure.case_set.mistakes
        if all(run.explained_by(mistake.name) for run in runs)
        if failure.draws_numbers or all(run.mistaken[mistake.name].repeatable for run in runs)
    )
    return named if len(named) == 1 else ()


def two_mistakes(failure: Failure) -> Finding:
    """Return the two known mistakes that together explain every call; none if ambiguous."""
    runs = failure.runs
    if failure.diagnosis.is_stopped or not failure.diagnosis.repeatable:
        return Finding()
    possible = list(failure.case_set.mistakes)
    for run in [run for run in runs if run.is_right][:2]:
        possible = [mistake for mistake in possible if run.explained_by(mistake.name)]
    every = list(itertools.combinations([mistake.name for mistake in possible], 2))
    some = [pair for pair in every if runs[0].possible_together(*pair)]
    likely = [pair for pair in some if all(run.likely_together(*pair) for run in runs[:2])]
    pairs = _explaining(likely, runs) or _explaining(sorted({*some} - {*likely}), runs)
    if len(pairs) == 1:  # also rule out the less likely pairs that share a mistake with it
        pairs = _explaining([pair for pair in every if {*pair} & {*pairs[0]}], runs)
    if len(pairs) != 1:
        return Finding()
    return _known(failure, [mistake for mistake in possible if mistake.name in pairs[0]])


def _explaining(pairs: list[tuple[str, str]], runs: list["RunEvidence"]) -> list[tuple[str, str]]:
    """Return the pairs of mistakes that explain every call."""
    for run in (runs[0], *sorted(runs[1:], key=lambda evidence: evidence.expected.size)):
        pairs = [pair for pair in pairs if run.explained_by_both(*pair)]
    return pairs


def where_it_answers(failure: Failure) -> list[str]:
    """Return the sentence of a known mistake that explains every call that returned an answer."""
    answered = [run for run in failure.runs if run.run.outcome.problem is None]
    wrong = [run for run in answered if not run.is_right]
    if len(answered) == len(failure.runs) or len(wrong) < FEWEST_WRONG:
        return []
    return [
        f"One mistake explains every wrong result: {mistake.diagnosis} {mistake.hint}"
        for mistake in _only_mistake(failure, answered)
        if failure.diagnosis.repeatable
    ]


def by_group(failure: Failure) -> list[str]:
    """Return sentences about known mistakes that explain the cases of some groups only.

    The failing case's group comes first. A few numbers, or zeros, may be equal by chance.
    """
    diagnosis, failing = failure.diagnosis, failure.failing
    if diagnosis.is_stopped or not diagnosis.repeatable or failing.outcome.problem:
        return []
    groups: dict[KnownMistake, list[str]] = {}
    every = (failing.case.group, *(case.group for case in failure.case_set.cases))
    for group in dict.fromkeys(every):
        runs = [run for run in failure.runs if run.run.case.group == group]
        wrong = [run for run in runs if not run.is_right]
        if any(run.run.outcome.problem for run in runs):
            continue
        numbers = {number for run in wrong for number in _parts(run)}
        if len(wrong) >= FEWEST_WRONG and len(numbers) >= FEWEST_NUMBERS:
            for mistake in filter(failure.has_sizes_of, _only_mistake(failure, runs)):
                groups.setdefault(mistake, []).append(f'"{group}"')
    return [
        f"In {listed(names)}, your outputs match this mistake: {mistake.diagnosis} {mistake.hint}"
        for mistake, names in [*groups.items()][:MOST_NAMED]
    ]


def _parts(evidence: "RunEvidence") -> Iterator[Any]:
    """Yield all numbers and strings in the wrong outputs of a call."""
    expected = evidence.expected.values
    for name, value in evidence.run.outcome.values.items():
        if difference(value, expected[name]):
            yield from leaves(value)


class RunEvidence:
    """One call and the outcomes of known mistakes for its case.

    Comparisons are cached, because a mistake is tried alone and in every pair.
    """

    def __init__(
        self, run: CaseRun, mistaken: Mapping[str, CallOutcome], repeatable: bool, case_set: CaseSet
    ) -> None:
        self.run, self.expected, self.precision = run, run.case.expected, run.case.precision
        self.mistaken = mistaken
        # Returns the outcome of two mistakes together. Only hidden cases have it, because it takes
        # the solution (defining/mistakes.py).
        self.both = getattr(mistaken, "both", None)
        self.repeatable, self.case_set = repeatable, case_set
        self.is_right = _gave(case_set, run, self.expected)
        self._explained: dict[str, bool] = {}  # by name of the mistake
        self._changed: dict[str, set[str]] = {}  # names of changed outputs, by mistake
        self._cells: dict[tuple[str, str], NDArray[Any]] = {}  # wrong cells, by output and mistake

    @property
    def usefulness(self) -> tuple[bool, bool, int]:
        """Sort key: wrong answers first, as they rule out most mistakes; then small arrays."""
        return self.is_right, self.run.outcome.problem is not None, self.expected.size

    def explained_by(self, name: str) -> bool:
        """True if the call has the outcome of a mistake."""
        if name not in self._explained:
            self._explained[name] = self._explains(self.mistaken[name])
        return self._explained[name]

    def explained_by_both(self, one: str, other: str) -> bool:
        """True if two mistakes explain the call, made together or each in its own cases.

        If their joint outcome is unknown, one mistake must explain the call, or each must explain
        the outputs it changes. A right call must be explained by both.
        """
        if self.both:
            outcome = self.both(one, other)
            return outcome is not None and self._explains(outcome)
        outcomes = self.mistaken[one], self.mistaken[other]
        if _of_one(self.run.outcome) and not any(outcome.problem for outcome in outcomes):
            return False
        if not all(outcome.repeatable for outcome in outcomes):
            return False
        explained = self.explained_by(one), self.explained_by(other)
        if self.is_right or _of_many_causes(self.run.outcome):
            return all(explained)
        return any(explained) or self._explained_apart(one, other)

    def possible_together(self, one: str, other: str) -> bool:
        """False if two mistakes cannot together explain the call.

        If neither changes anything, the call must be right. If one of them fails, or changes a
        shape or an output, so must the call. This test is much faster than making both mistakes
        and leaves few pairs. If the arrays of the mistakes are unknown, no pair is ruled out.
        """
        if not self.both:
            return True
        got, expected = self.run.outcome, self.expected
        outcomes = self.mistaken[one], self.mistaken[other]
        if not all(outcome.repeatable for outcome in outcomes):
            return False
        failed = any(outcome.problem for outcome in outcomes)
        if got.problem or failed:
            return bool(got.problem) == failed
        return (
            bool(got.cache) == any(outcome.cache for outcome in outcomes)
            and set(got.changed) == {name for outcome in outcomes for name in outcome.changed}
            and all(self._possible_value(output, one, other) for output in expected.values)
        )

    def _possible_value(self, output: str, one: str, other: str) -> bool:
        """Apply the test of `possible_together` to one output."""
        got, right = self.run.outcome.values[output], self.expected.values[output]
        values = [self.mistaken[name].values[output] for name in (one, other)]
        if not all(isinstance(value, np.ndarray) for value in (got, right, *values)):
            return True
        reshaped = any(value.shape != right.shape for value in values)
        if got.shape != right.shape or reshaped:
            return reshaped and got.shape != right.shape
        if got.size == 1:
            return True
        if not np.isfinite(got).all():
            return not all(np.isfinite(value).all() for value in values)
        by_one, by_other = self._changed_cells(output, one), self._changed_cells(output, other)
        wrong, changed = self._changed_cells(output), by_one | by_other
        return bool(wrong.any() == changed.any()) and not (wrong & ~changed).any()

    def likely_together(self, one: str, other: str) -> bool:
        """True if each output that only one mistake changes equals that mistake's output.

        This nearly always holds, unless the other mistake changes an input of that output.
        """
        if not self.possible_together(one, other):
            return False
        if not self.both or self.run.outcome.problem:
            return True
        return all(
            self._likely_value(output, one, other) and self._likely_value(output, other, one)
            for output, right in self.expected.values.items()
            if _shape(self.run.outcome.values[output]) == _shape(right)
        )

    def _likely_value(self, output: str, one: str, other: str) -> bool:
        """Apply the test of `likely_together` to an output that only the first mistake changes."""
        got, value = self.run.outcome.values[output], self.mistaken[one].values[output]
        return bool(
            self._changed_cells(output, other).any() or not self._differing(got, value).any()
        )

    def _changed_cells(self, output: str, name: str = "") -> NDArray[Any]:
        """Return the wrong cells of a mistake's output; without a name, of the call's output."""
        if (output, name) not in self._cells:
            outcome = self.mistaken[name] if name else self.run.outcome
            right = self.expected.values[output]
            self._cells[output, name] = self._differing(outcome.values[output], right)
        return self._cells[output, name]

    def _differing(self, got: Any, expected: Any) -> NDArray[Any]:
        if not (isinstance(got, np.ndarray) and isinstance(expected, np.ndarray)):
            return np.array(not close(got, expected, self.case_set.tolerance, self.precision))
        return wrong_cells(got, expected, self.case_set.tolerance, self.precision)

    def _explained_apart(self, one: str, other: str) -> bool:
        """True if each output equals the output of the only mistake that changes it."""
        outcomes = self.mistaken[one], self.mistaken[other]
        if any(outcome.problem for outcome in (self.run.outcome, *outcomes)):
            return False
        if self._changed_by(one) & self._changed_by(other):
            return False
        expected = self.expected
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
        """Return the names of the outputs that a mistake changes."""
        if name not in self._changed:
            values = self.mistaken[name].values
            self._changed[name] = {
                output
                for output, expected in self.expected.values.items()
                if not close(values[output], expected, self.case_set.tolerance, self.precision)
            }
        return self._changed[name]

    def _explains(self, outcome: CallOutcome) -> bool:
        if not outcome.repeatable:
            return not self.repeatable
        return _gave(self.case_set, self.run, outcome)


def _shape(value: Any) -> Any:
    return getattr(value, "shape", ())  # of a plain value


def _gave(case_set: CaseSet, run: CaseRun, outcome: CallOutcome) -> bool:
    """True if a call has an outcome, in the fields that the checks compare."""
    fields = looked_at(case_set.checks)
    return agree(run.outcome, outcome, case_set.tolerance, run.case.precision, fields)


def _of_one(outcome: CallOutcome) -> bool:
    """True for problems never caused by two mistakes: a stub, or a wrong form.

    Trying every pair on such a problem would take up to a second.
    """
    problem = outcome.problem
    return problem is not None and (problem.kind != "error" or problem.is_not_written)


def _of_many_causes(outcome: CallOutcome) -> bool:
    """True for a generic error that many mistakes raise: its key contains no digit."""
    return outcome.problem is not None and not any(map(str.isdigit, outcome.problem.key))
