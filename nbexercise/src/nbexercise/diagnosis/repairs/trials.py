"""Call a function with changes of its code, many times in one request, within a budget.

What is found must not depend on how fast or how busy a machine is, so the budget counts calls, the
sizes of their arguments and their iterations, and no clock. While nbjudge grades a function, it
runs in another process, and a request takes longer than a call.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...judging.adapters import adapter_beside, is_needed, plan_of, result_of
from ...judging.beside import beside, is_remote, with_names
from ...judging.capture import TimeIsUpError
from ...judging.given import Made
from ...judging.model import Case, Return, size_of
from ...judging.returned import same
from ...judging.script import plan_of_script
from .changes import ALSO, CHANGE, PASSES, Change, Changes

__all__ = ["Trials", "Variant"]

MOST_PASSES = 3_000  # iterations and calls during one call of a changed function
BUDGET, BUDGET_GRADED = 60_000, 8_000  # cost of all calls with changes; of a remote function
COST = 20  # of a call and of compiling its change, besides what `_cost` adds
AT_ONCE = 100  # calls in one request

# Runs beside the student's function, so it uses few names, which the student may have redefined. It
# stops when the budget is used up, and does not catch an interruption.
CALLER = f"""
def caller(function, numbers, arguments, budget, cost, adapter=None, plan=()):
    from contextlib import redirect_stdout
    from copy import deepcopy
    from io import StringIO
    names, answers = globals(), []
    with redirect_stdout(StringIO()):
        for names['{CHANGE}'], names['{ALSO}'] in numbers:
            if budget < cost:
                break
            names['{PASSES}'], given = {MOST_PASSES}, deepcopy(arguments)
            try:
                value = adapter(function, *plan, *given) if adapter else function(*given)
                answers.append((value, given))
            except (Exception, SystemExit):
                answers.append(None)
            budget -= cost + ({MOST_PASSES} - names['{PASSES}']) // 4
    return answers, budget
"""


@dataclass(frozen=True)
class Variant:
    """A function with a switch for each of some changes, in the student's namespace."""

    function: Any
    name: str

    def with_changes(self, changes: Sequence[Change]) -> Callable[..., Any]:
        """Return the function with at most two changes selected."""
        return with_names(self.function, self.names(changes))

    def names(self, changes: Sequence[Change] = ()) -> dict[str, Any]:
        """Return the global variables of a call with some changes."""
        one, also = _numbers(changes)
        return {CHANGE: one, ALSO: also, PASSES: MOST_PASSES, self.name: self.function}


def _numbers(changes: Sequence[Change]) -> tuple[int, ...]:
    """Return the numbers of at most two changes; 0 for none."""
    return (*(change.number for change in changes), 0, 0)[:2]


class Trials:
    """Calls of a function with changes of its code.

    Attributes
    ----------
    left
        Remaining budget.
    """

    def __init__(self, function: Any, returns: Sequence[Return]) -> None:
        self.function, self.returns = function, returns
        self.left = BUDGET_GRADED if is_remote(function) else BUDGET

    @cached_property
    def caller(self) -> Any:
        """The function `caller`, beside the student's."""
        return beside(self.function, CALLER)

    @cached_property
    def adapter(self) -> Any:
        """The adapter of the function's arguments and results, beside it."""
        return adapter_beside(self.function)

    def affordable(self, changes: Sequence[Change], case: Case) -> Sequence[Change]:
        """Return the leading changes that the budget allows for a case."""
        return changes[: max(0, self.left // _cost(case))]

    def variant(self, changes: Changes, some: Sequence[Change]) -> Variant | None:
        """Return the function with a switch for each change; None if it does not compile.

        The variant of a class is a class with another method.
        """
        try:
            function, name = beside(self.function, changes.source(some)), changes.name
            if isinstance(self.function, type):
                methods, name = {name: function}, self.function.__name__
                function = type(name, (self.function,), methods)
            return Variant(function, name)
        except Exception:
            return None

    def answers(
        self, variant: Variant, case: Case, selected: Sequence[Sequence[Change]]
    ) -> Iterator[tuple[Any, dict[str, Any]] | None]:
        """Yield the value that each selection of changes returns, and the arguments after the call.

        Yield None for a call that failed. The iteration ends early if the budget is used up.
        """
        for start in range(0, len(selected), AT_ONCE):
            some = tuple(map(_numbers, selected[start : start + AT_ONCE]))
            answers = self._together(variant, case, some)
            yield from answers
            if len(answers) < len(some):
                return

    def _together(
        self, variant: Variant, case: Case, some: tuple[tuple[int, ...], ...]
    ) -> list[tuple[Any, dict[str, Any]] | None]:
        """Make several calls in one request."""
        given, cost, before = case.fresh_arguments(), _cost(case), self.left
        self.left -= cost * len(some)
        try:
            caller = with_names(self.caller, variant.names())
            values: Sequence[Any] = tuple(given.values())
            adapting = tuple[Any, ...]()
            if is_needed(self.returns, case):
                *plan, values = plan_of(self.returns, case, values)
                adapting = (self.adapter, plan)
            answers, left = caller(variant.function, some, values, before, cost, *adapting)
            self.left = min(int(left), before - cost * len(answers))
            # Another process may answer anything.
            return [a and self._answer(a, case, bool(adapting)) for a in answers[: len(some)]]
        except (KeyboardInterrupt, TimeIsUpError):
            raise
        except BaseException:  # the process has ended, or the answers are too large to send
            return [None] * len(some)

    def _answer(self, answer: Any, case: Case, is_adapted: bool) -> tuple[Any, dict[str, Any]]:
        """Return the value of a call, and its arguments after it."""
        value, arguments = answer
        after = dict(zip(case.arguments, arguments, strict=True))
        if is_adapted:
            value, changed = result_of(value)
            for place, (name, given) in enumerate(case.arguments.items()):
                if isinstance(given, Made):
                    after[name] = None if place in changed else given
                elif self.returns[0].form == "class":  # plain while the class is called
                    is_same = same(after[name], plan_of_script(given))
                    after[name] = given if is_same else None
        return value, after


def _cost(case: Case) -> int:
    """Return the cost of a call, besides its iterations.

    The work may grow with the product of the inputs' sizes.
    """
    return COST + sum(map(size_of, case.arguments.values())) ** 2 // 600
