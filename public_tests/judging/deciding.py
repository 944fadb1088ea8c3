"""Judge a function: call it with every case, decide each named check and diagnose failures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..diagnosis.diagnose import diagnose
from ..showing.display import is_graded
from .calling import CaseRun, CheckTime, call
from .kinds import kind_of
from .model import CaseSet, Check
from .verdict import CheckResult, Verdict

__all__ = ["decide", "judge", "not_callable"]


def judge(case_set: CaseSet, function: Callable[..., Any]) -> Verdict:
    """Decide the checks of `case_set`, and diagnose failures.

    All calls of the function are made here; the verdict is plain data. While a notebook is graded,
    failures are not diagnosed, because its graded cells do that.

    Parameters
    ----------
    function
        Callable with the exercise's positional arguments; it takes and returns plain data.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    """
    verdict = decide(case_set, function)
    return verdict if is_graded() else diagnose(verdict, case_set, function)


def decide(case_set: CaseSet, function: Callable[..., Any]) -> Verdict:
    """Call the function with every case and decide the checks, without a diagnosis.

    The first case is called again at the end, because an answer must not depend on earlier calls.
    Its first answer is compared again after another call, which must not overwrite it. That other
    call uses arguments of the same sizes, since the other cases of a set may have different sizes.
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
    results = [_decide(case_set, check, runs) for check in case_set.checks]
    if not any(result.passed and kind_of(result.check).of_values for result in results):
        results = [
            CheckResult(result.check, False, runs[0], waits=True)
            if result.passed and kind_of(result.check).beside_values
            else result
            for result in results
        ]
    return Verdict(case_set, tuple(runs), tuple(results))


def not_callable(name: str, function: object) -> str:
    """Return the message for a value that is not a function."""
    return (
        f"{name}: expected a function, got {type(function).__name__}. "
        f"Pass the function itself, without parentheses: {name}, not {name}(...)."
    )


def _decide(case_set: CaseSet, check: Check, runs: Sequence[CaseRun]) -> CheckResult:
    """Decide a check, which passes if each of its cases was run and is right."""
    kind = kind_of(check)

    def concerns(group: str) -> bool:
        return not check.groups or group in check.groups

    failed = [
        run
        for run in runs
        if concerns(run.case.group)
        and (run.outcome.problem or not kind.is_right(check, run, case_set.tolerance))
    ]
    if not failed and any(concerns(case.group) for case in case_set.cases[len(runs) :]):
        failed = [runs[-1]]
    return CheckResult(check, not failed, _to_show(failed) if failed else None)


def _to_show(failed: Sequence[CaseRun]) -> CaseRun:
    """Return the first call whose results can be computed by hand, or the first one."""
    return next((run for run in failed if not run.is_large), failed[0])
