"""Tell in which cases a function is right once its source is changed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...judging.calling import CaseRun, call
from ...judging.comparing import agree, close
from ...judging.kinds import looked_at
from ...judging.model import CallOutcome, Case, CaseSet
from ...judging.returned import as_outcome, same
from ...judging.subject import subject
from .changes import CALLS, Change, Changes
from .trials import Trials, Variant

__all__ = ["IsRight", "Oracle"]

IsRight = Callable[[CallOutcome, Case], bool]


class Oracle:
    """Calls of a student's function with changes, compared with the right results.

    Attributes
    ----------
    wrong
        Calls of the unchanged function that are wrong, the simplest first.
    right
        Cases in which the unchanged function is right, the smallest first.
    cases
        All cases: those of `wrong`, then `right`.
    """

    def __init__(
        self, case_set: CaseSet, runs: Sequence[CaseRun], changes: Changes, function: Any
    ) -> None:
        self._case_set, self._fields = case_set, looked_at(case_set.checks)
        self._changes, self._trials = changes, Trials(function, case_set.returns)
        passed = [self._passes(run) for run in runs]
        wrong = [run for run, is_right in zip(runs, passed, strict=True) if not is_right]
        self.wrong = sorted(wrong, key=_size)
        right = [run.case for run, is_right in zip(runs, passed, strict=True) if is_right]
        self.right = sorted(right, key=lambda case: case.expected.size)
        self.cases = [*(run.case for run in self.wrong), *self.right]

    def affordable(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Return the leading changes that the budget allows for the first case."""
        return self._trials.affordable(changes, self.cases[0])

    def variant(self, changes: Sequence[Change]) -> Variant | None:
        """Return the function with a switch for each change; None if there is none."""
        return self._trials.variant(self._changes, changes) if changes else None

    def corrects_all(self, variant: Variant, *changes: Change) -> bool:
        """True if changes correct every call, in all fields that the checks compare.

        A recursion may need more calls in a fresh case than the budget allows.
        """
        function, case_set = variant.with_changes(changes), self._case_set
        runs = (call(case_set.returns, c, function) for c in (*self.cases, *case_set.fresh))
        return all(
            self._passes(run) or place >= len(self.cases) and _is_stopped(run.outcome)
            for place, run in enumerate(runs)
        )

    def right_with(
        self,
        variant: Variant,
        changes: Sequence[Change],
        cases: Sequence[Case],
        is_right: IsRight,
    ) -> bool:
        """True if all these cases are right with changes of a variant, or cannot be tried."""
        outcomes = ((c, o) for c in cases for o in self.outcomes(variant, c, [changes]))
        return all(outcome and is_right(outcome, case) for case, outcome in outcomes)

    def outcomes(
        self, variant: Variant, case: Case, selected: Sequence[Sequence[Change]]
    ) -> Iterator[CallOutcome | None]:
        """Yield the outcome of a call with each selection of changes; None if it has a problem."""
        for answer in self._trials.answers(variant, case, selected):
            if answer is None:
                yield None
                continue
            returned, arguments = answer
            outcome = as_outcome(self._case_set.returns, case, returned)
            changed = tuple(n for n in arguments if not same(arguments[n], case.arguments[n]))
            yield None if outcome.problem else replace(outcome, changed=changed)

    def is_right(self, outcome: CallOutcome, case: Case) -> bool:
        """True if an outcome is right in the fields that are known without `call`."""
        return self.agree(outcome, case.expected, case)

    def has(self, outcome: CallOutcome, case: Case, name: str) -> bool:
        """True if an output of a call is right."""
        return self._equal(outcome, case.expected, case, name)

    def same(self, run: CaseRun, outcome: CallOutcome, name: str) -> bool:
        """True if an output is what the unchanged function returned."""
        return self._equal(outcome, run.outcome, run.case, name)

    def _equal(self, outcome: CallOutcome, other: CallOutcome, case: Case, name: str) -> bool:
        value, tolerance = other.values[name], self._case_set.tolerance
        values = outcome.values
        return name in values and close(values[name], value, tolerance, case.precision)

    def agree(
        self, outcome: CallOutcome, other: CallOutcome, case: Case, fields: Iterable[str] = ()
    ) -> bool:
        """True if two outcomes of a case are the same."""
        return agree(outcome, other, self._case_set.tolerance, case.precision, fields)

    def _passes(self, run: CaseRun) -> bool:
        """True if a call is right in every field that the checks compare."""
        return self.agree(run.outcome, run.case.expected, run.case, self._fields)


def _is_stopped(outcome: CallOutcome) -> bool:
    """True if a function called itself too often."""
    return outcome.problem is not None and outcome.problem.key.endswith(CALLS)


def _size(run: CaseRun) -> tuple[bool, int, int]:
    """Return a sort key: answers before errors, cases with small steps, small cases."""
    sizes = run.case.sizes
    steps = sum(sizes.get(name, 0) for name in subject().steps)
    return run.outcome.problem is not None, steps, run.case.expected.size
