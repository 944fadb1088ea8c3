"""Scripts: the calls of a class in a case, how a message names each, and what each of them gave."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from .model import Problem, Step
from .values import Raised
from .wording import ORDINALS, step_as_code

__all__ = ["CONSTRUCTOR", "labels", "located", "outcomes", "plan_of_script"]

CONSTRUCTOR = "__init__"  # method that the first step of a script calls
# What an object has in place of a method or an attribute, by the name in the adapter's answer.
_INSTEAD = {
    "method": "is a method, expected an attribute: a value that the object keeps, as in "
    "self.{name} = ..., and that is read without parentheses.",
    "attribute": "is an attribute, expected a method: def {name}(self, ...). An attribute hides a "
    "method of the same name.",
    "no method": "is missing: the class has no method of this name.",
    "no attribute": "is missing: nothing has been assigned to self.{name}.",
    "function": "is a function, expected a class.",
}


def labels(script: Sequence[Step]) -> list[str]:
    """Return a name for each step: its code, with a number if the code occurs more than once."""
    codes = list(map(step_as_code, script))
    return [
        _numbered(code, codes[:place].count(code)) if codes.count(code) > 1 else code
        for place, code in enumerate(codes)
    ]


def _numbered(code: str, before: int) -> str:
    if before < len(ORDINALS):
        return f"the {ORDINALS[before]} {code}"
    return f"number {before + 1} of {code}"


def plan_of_script(script: Sequence[Step]) -> list[list[Any]]:
    """Return a script as plain data, for the adapter."""
    plan = [[name, None if given is None else list(given)] for name, given in script]
    return [[CONSTRUCTOR, plan[0][1]], *plan[1:]]


def outcomes(script: Sequence[Step], answer: Any) -> Iterator[tuple[str, Step, Any]]:
    """Yield the label of each step, the step, and what it returned or raised, or a `Problem`.

    Parameters
    ----------
    answer
        What the adapter returned: for each step, "value", "raised" or what the object has instead,
        and a value. Code that forges it may return anything.
    """
    answer = answer if isinstance(answer, list) else []
    pairs = [pair for pair in answer if isinstance(pair, list) and len(pair) == 2]
    for label, step, (what, value) in zip(labels(script), script, pairs, strict=False):
        if instead := _INSTEAD.get(str(what)):
            text = instead.format(name=step.name)
            yield label, step, Problem("type", f"{label} {what}", text, call=step.name)
        else:
            yield label, step, Raised(str(value)) if what == "raised" else value


def located(problem: Problem, script: Sequence[Step], reached: Sequence[Any]) -> Problem:
    """Return the problem of a script with the step that it is about.

    Parameters
    ----------
    reached
        Number of the last step, and the variable that lacks `self.`, or "self" for a parameter, as
        the adapter noted them. Code that forges it may leave anything.
    """
    number, variable = [*reached, "", ""][:2]
    if type(number) is not int or not 0 <= number < len(script):
        return problem
    name = script[number].name
    call = name if problem.is_not_written else labels(script)[number]
    method = name if number else CONSTRUCTOR
    own = _about_self(problem, method, variable) if type(variable) is str else ""
    return replace(problem, call=call, own=own)


def _about_self(problem: Problem, method: str, variable: str) -> str:
    """Return the next step if `self` is missing; "" if no variable lacks it."""
    if variable == "self":
        return f"the first parameter of {method} must be self: Python passes the object there."
    line = re.match(r"(line \d+).*?, in \S+: (.*)", (problem.quoted or [""])[-1])
    if not variable.isidentifier() or not line:
        return ""
    return (
        f"in {line[1]} ({line[2]}), write self.{variable}: {variable} alone is a variable of the "
        "method, which the object does not keep."
    )
