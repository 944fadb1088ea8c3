"""Explain results that depend on earlier calls, on other objects or on chance."""

import inspect
from dataclasses import replace
from typing import Any

from ..judging.adapters import calls_of
from ..judging.beside import code_of
from ..judging.calling import call
from ..judging.comparing import agree, close
from ..judging.deciding import decide
from ..judging.model import CallOutcome
from ..judging.values import kind_of_value
from ..judging.verdict import Verdict
from ..judging.wording import listed
from .findings import Finding
from .mistakes import Failure

__all__ = ["earlier_calls", "kept_default", "not_repeatable", "overwritten"]

MOST_NAMES = 3  # names of outputs to list
NOT_ITS_OWN = (
    "each must keep what it needs for itself, {}. Is that kept in a global variable, {}or the "
    "default of an argument?"
)


def overwritten(verdict: Verdict) -> Finding:
    """Return a sentence about outputs that a later call overwrites, and the next step."""
    names, name = verdict.overwritten, verdict.case_set.name
    if verdict.case_set.keeps_state:
        is_class = verdict.case_set.returns[0].form == "class"
        made = f"an object of {name}" if is_class else f"a function that {name} returned"
        other = "another object" if is_class else "another such function"
        own = "in self" if is_class else "in variables of the call that makes it"
        return Finding(
            facts=(f"What happened: {made} gives other results once {other} has been used.",),
            next=NOT_ITS_OWN.format(own, "an attribute of the class, " if is_class else ""),
        )
    shown = names if len(names) <= MOST_NAMES else (*names[:MOST_NAMES], "others")
    was = "was" if len(names) == 1 else "were"
    sentence = (
        f"What happened: {listed(shown)} of an earlier call {was} overwritten by a later one, so "
        "a result that the caller keeps can change."
    )
    values = verdict.runs[0].outcome.values
    kinds = {kind_of_value(values[name]) for name in names if name in values}
    noun = kinds.pop() if len(kinds) == 1 else "result"
    step = (
        f"create a new {'dictionary' if noun == 'dict' else noun} in each call. Is one created "
        "outside the function, or as the default of an argument?"
    )
    return Finding(facts=(sentence,), next=step)


def kept_default(failure: Failure) -> Finding:
    """Return a sentence about a default that keeps what calls store in it, if that is the fault."""
    code, _ = code_of(failure.function)
    if code is None or failure.diagnosis.is_stopped:
        return Finding()
    function = inspect.unwrap(failure.function)
    defaults = function.__defaults__ or ()
    names = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    kept = {
        name: type(value)
        for name, value in zip(names, defaults, strict=True)
        if isinstance(value, list | dict | set) and value
    }

    def with_new_ones(*arguments: Any) -> Any:  # also for calls of itself
        old = dict(zip(names, defaults, strict=True))
        new = {name: kind() for name, kind in kept.items()}
        function.__defaults__ = (*{**old, **new}.values(),)
        try:
            return function(*arguments)
        finally:
            function.__defaults__ = defaults

    if not kept or not decide(failure.case_set, with_new_ones).passed:
        return Finding()
    sentence = (
        f"What happened: the default of {listed(kept)} is made only once, so it still holds what "
        "earlier calls have stored in it."
    )
    first = next(iter(kept))
    step = f"write {first}=None in the def line, and make a new one in the function if it is None."
    return Finding(facts=(sentence,), next=step)


def earlier_calls(failure: Failure) -> Finding:
    """Return a sentence about a call of a returned function that is right without earlier ones."""
    run, (spec, *others) = failure.failing, failure.case_set.returns
    is_one = spec.form == "function" and not others
    if not is_one or run.outcome.problem or not failure.diagnosis.repeatable:
        return Finding()
    tolerance, names = failure.case_set.tolerance, calls_of(spec)
    for place, (name, arguments) in enumerate(zip(names, spec.calls, strict=True)):
        right = CallOutcome({name: run.case.expected.values[name]})
        if close(run.outcome.values[name], right.values[name], tolerance, run.case.precision):
            continue
        first = replace(spec, calls=(arguments,))
        alone = call((first,), replace(run.case, expected=right), failure.function).outcome
        if place == 0 or not agree(alone, right, tolerance, run.case.precision):
            break
        sentence = (
            f"What happened: {name} is right if it is the first call of the returned function, "
            f"but wrong after {listed(names[:place])}. A call changes something that a later one "
            "reads."
        )
        return Finding(facts=(sentence,), next="which variable keeps its value after a call?")
    return Finding()


def not_repeatable(failure: Failure) -> Finding:
    """Return the fact that two equal calls gave different answers."""
    diagnosis = failure.diagnosis
    if diagnosis.repeatable or diagnosis.problem:
        return Finding()
    return Finding(
        facts=("What happened: two calls on the same input gave different answers.",),
        next="look for np.random, np.empty, or a variable kept from an earlier call.",
    )
