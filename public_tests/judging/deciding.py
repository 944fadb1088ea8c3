"""Judge a function: call it with every case, and decide each named check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .calling import CaseRun, CheckTime, call
from .kinds import Kind, kind_of
from .model import CaseSet, Check
from .verdict import WAITS, CheckResult, Verdict

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
    kinds = {check: kind_of(check) for check in case_set.checks}
    results = [_decide(case_set, check, kind, runs) for check, kind in kinds.items()]
    if not any(result.passed and kinds[result.check].of_values for result in results):
        for place, (check, kind) in enumerate(kinds.items()):
            if kind.beside_values and results[place].passed:
                results[place] = CheckResult(check, False, runs[0], WAITS)
    return Verdict(case_set, tuple(runs), tuple(results), _to_show(results, kinds))


def not_callable(name: str, function: object) -> str:
    """Return the message for a value that is not a function."""
    return (
        f"{name}: expected a function, got {type(function).__name__}. "
        f"Pass the function itself, without parentheses: {name}, not {name}(...)."
    )


def _decide(case_set: CaseSet, check: Check, kind: Kind, runs: Sequence[CaseRun]) -> CheckResult:
    """Decide a check, which passes if each of its cases was run and is right.

    A failed check shows the first call whose results can be computed by hand, or the first one.
    """

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
    if not failed:
        return CheckResult(check, True)
    failing = next((run for run in failed if not run.case.is_large), failed[0])
    return CheckResult(check, False, failing, kind.undecided(failing.outcome))


def _to_show(results: Sequence[CheckResult], kinds: Mapping[Check, Kind]) -> CheckResult | None:
    """Return the first failed check, or one of values if the first had no output to check.

    A check that waits is shown only if all failed checks wait.
    """
    failed = [result for result in results if not result.passed]
    failed.sort(key=lambda result: result.waits)
    first = failed[0].failing if failed else None
    if first and first.outcome.problem and kinds[failed[0].check].gives_way:
        failed.sort(key=lambda result: not kinds[result.check].of_values)
    return failed[0] if failed else None
