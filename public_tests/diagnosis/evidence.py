"""One call beside the outcomes of the known mistakes: which mistakes explain it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun
from ..judging.comparing import agree, close, wrong_cells
from ..judging.kinds import looked_at
from ..judging.model import CallOutcome, CaseSet

__all__ = ["RunEvidence", "gave"]


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
        # the solution (exercises/mistakes.py).
        self.both = getattr(mistaken, "both", None)
        self.repeatable, self.case_set = repeatable, case_set
        self.is_right = gave(case_set, run, self.expected)
        self._explained: dict[str, bool] = {}  # by name of the mistake
        self._changed: dict[str, set[str]] = {}  # names of changed outputs, by mistake
        self._cells: dict[tuple[str, str], NDArray[Any]] = {}  # wrong cells, by output and mistake

    @property
    def usefulness(self) -> tuple[bool, bool, int]:
        """Sort key: wrong answers first, as they rule out most mistakes; then small arrays."""
        return self.is_right, self.run.outcome.problem is not None, self.expected.size

    def explained_by(self, name: str) -> bool:
        """Return True if the call has the outcome of a mistake."""
        if name not in self._explained:
            self._explained[name] = self._explains(self.mistaken[name])
        return self._explained[name]

    def explained_by_both(self, one: str, other: str) -> bool:
        """Return True if two mistakes explain the call, made together or each in its own cases.

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
        """Return False if two mistakes cannot together explain the call.

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
        """Return True if each output that only one mistake changes equals that mistake's output.

        This nearly always holds, unless the other mistake changes an input of that output.
        """
        if not self.possible_together(one, other):
            return False
        if not self.both or self.run.outcome.problem:
            return True
        return all(
            self._likely_value(output, one, other) and self._likely_value(output, other, one)
            for output, right in self.expected.values.items()
            if self.run.outcome.values[output].shape == right.shape
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

    def _differing(self, got: NDArray[Any], expected: NDArray[Any]) -> NDArray[Any]:
        return wrong_cells(got, expected, self.case_set.tolerance, self.precision)

    def _explained_apart(self, one: str, other: str) -> bool:
        """Return True if each output equals the output of the only mistake that changes it."""
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
        return gave(self.case_set, self.run, outcome)


def gave(case_set: CaseSet, run: CaseRun, outcome: CallOutcome) -> bool:
    """Return True if a call has an outcome, in the fields that the checks compare."""
    fields = looked_at(case_set.checks)
    return agree(run.outcome, outcome, case_set.tolerance, run.case.precision, fields)


def _of_one(outcome: CallOutcome) -> bool:
    """Return True for problems never caused by two mistakes: a stub, or a wrong form.

    Trying every pair on such a problem would take up to a second.
    """
    problem = outcome.problem
    return problem is not None and (problem.kind != "error" or problem.is_stub)


def _of_many_causes(outcome: CallOutcome) -> bool:
    """Return True for a generic error that many mistakes raise: its key contains no digit."""
    return outcome.problem is not None and not any(map(str.isdigit, outcome.problem.key))
