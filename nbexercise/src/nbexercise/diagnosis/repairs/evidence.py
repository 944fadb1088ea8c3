"""Tell changes that correct a fault from changes that only hide one.

If as much is right once the changed statement is deleted, its slice emptied or its branch turned
off, the fault is elsewhere; so it is if the change bypasses what the function has computed.
"""

import re
from collections.abc import Callable, Sequence

from ...judging.model import Case, Problem
from .changes import Change, Changes
from .oracle import IsRight, Oracle
from .trials import Variant

__all__ = ["Evidence"]


class Evidence:
    """Evidence that changes of a function are its fault.

    Parameters
    ----------
    first
        Number of the function's first line in its cell.
    """

    def __init__(self, oracle: Oracle, changes: Changes, first: int) -> None:
        self._oracle, self._changes = oracle, changes
        # Changes that delete a line that raised an error.
        problems = [run.outcome.problem for run in oracle.wrong]
        lines = {_raising_line(problem, changes.name) for problem in problems if problem}
        self._raised = any(problems)
        self._passing = [c for n in sorted(lines) for c in changes.without_line(n - first + 1)]
        self._deletable = set[tuple[int, ...]]()  # lines without which everything is right

    def corrects(self, variant: Variant, *changes: Change) -> bool:
        """True if changes correct every call, and not by hiding a fault."""
        known = any(not c.removes and c.lines in self._deletable for c in changes)
        if known and len(changes) == 1 or any(map(self._changes.wastes, changes)):
            return False
        if not self._oracle.corrects_all(variant, *changes):
            return False
        for change in changes:
            others = [other for other in changes if other is not change]
            ways = self._changes.without(change, whole=not change.removes)
            if enough := self._any_way(ways, self._oracle.corrects_all, *others):
                if enough is ways[0] and not (change.removes or others):
                    self._deletable.add(change.lines)
                return False
        return True

    def earns(
        self,
        change: Change,
        cases: Sequence[Case],
        is_right: IsRight,
        others: Sequence[Change] = (),
    ) -> bool:
        """True if a change that corrects something in these cases does not hide a fault.

        What is right once the code that raised an error is deleted was right before the change.

        Parameters
        ----------
        others
            More changes that must not correct as much.
        """
        if self._changes.wastes(change):
            return False
        ways = self._changes.without(change, whole=self._raised or not change.removes)
        passing = self._passing if self._raised else ()

        def is_enough(variant: Variant, way: Change) -> bool:
            return self._oracle.right_with(variant, (way,), cases, is_right)

        return self._any_way([*ways, *passing, *others], is_enough) is None

    def cancels(self, change: Change, cases: Sequence[Case]) -> bool:
        """True if a change is right in these cases whatever the variable that it inserts is."""

        def is_enough(variant: Variant, way: Change, other: Change) -> bool:
            return self._oracle.right_with(variant, (way, other), cases, self._oracle.is_right)

        return bool(self._any_way(self._changes.constant_names(change), is_enough, change))

    def _any_way(
        self, ways: Sequence[Change], is_enough: Callable[..., bool], *others: Change
    ) -> Change | None:
        """Return the first of some changes that is enough, together with others."""
        variant = self._oracle.variant([*ways, *others]) if ways else None
        if variant is None:
            return None
        return next((way for way in ways if is_enough(variant, way, *others)), None)


def _raising_line(problem: Problem, name: str) -> int:
    """Return the number of the last quoted line of a function that raised an error; 0 if none."""
    own = [line for line in problem.quoted if f", in {name}: " in line]
    return int(re.findall(r"\d+", own[-1])[0]) if own else 0
