"""Judge a function: call it with every case, and decide each named check."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .calling import CaseRun, CheckTime, call
from .kinds import decided
from .model import CaseSet
from .verdict import Verdict

__all__ = ["decide", "not_callable"]


def decide(case_set: CaseSet, function: Callable[..., Any]) -> Verdict:
    """Call the function with every case and decide the checks; the verdict is plain data.

    The first case is called again at the end, because an answer must not depend on earlier calls.
    Its first answer is compared again after another call, which must not overwrite it. That other
    call uses arguments of the same sizes, since the other cases of a set may have different sizes.

    Parameters
    ----------
    function
        Callable with the exercise's positional arguments; it takes and returns plain data.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    """
    if not callable(function):
        raise TypeError(not_callable(case_set.name, function))
    cases = tuple(replace(case, mistaken={}) for case in case_set.cases)
    case_set = replace(case_set, cases=cases)
    runs: list[CaseRun] = []
    check_time = CheckTime(function)
    for case in (*cases, *cases[:1]):
        runs.append(call(case_set.returns, case, function, twice=not runs, check_time=check_time))
        problem = runs[-1].outcome.problem
        if problem and problem.kind == "time":
            break
    return Verdict(case_set, tuple(runs), *decided(case_set, runs))


def not_callable(name: str, function: object) -> str:
    """Return the message for a value that is not a function."""
    return (
        f"{name}: expected a function, got {type(function).__name__}. "
        f"Pass the function itself, without parentheses: {name}, not {name}(...)."
    )
