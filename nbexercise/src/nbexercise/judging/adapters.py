"""Make plain what is not: arguments that are made from their source, and results that are objects.

The source of `adapter` runs beside the student's function, in its process. It makes the arguments,
calls the function, and turns a function, generator, object or table into plain values, so the judge
compares nothing but plain values.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from . import adapter
from .beside import beside
from .given import Made
from .model import Case, Problem, Return
from .script import located, plan_of_script
from .values import Raised
from .wording import called

__all__ = ["ADAPTED", "Adapter", "adapted", "adapter_beside", "calls_of", "is_needed"]
__all__ += ["parts_of", "plan_of", "result_of"]

ADAPTED = {  # what a function must return, by the form of an output
    "function": "a function",
    "generator": "a generator",
    "class": "an object",
    "table": "a DataFrame or a Series",
    "figure": "a figure with data",
}


class Adapter:
    """A student's function whose arguments are made, and whose results are plain.

    Attributes
    ----------
    changed
        Numbers of the arguments made for the last call that the call has changed.
    reached
        What the adapter noted about the last step of a script, for `located`.
    between
        Arguments of another call, whose returned functions the next call uses before its own.
    """

    def __init__(self, function: Callable[..., Any], returns: Sequence[Return], case: Case) -> None:
        self.function, self.returns, self.case = function, returns, case
        self.changed: tuple[int, ...] = ()
        self.reached: list[Any] = []
        self.between: Sequence[Any] = ()

    @functools.cached_property
    def run(self) -> Callable[..., Any]:
        """The adapter beside the function."""
        run: Callable[..., Any] = adapter_beside(self.function)
        return run

    def __call__(self, *arguments: Any) -> Any:
        plan = plan_of(self.returns, self.case, arguments, self.between)
        made, outputs, raises, self.reached, other, given = plan
        function = getattr(self.function, "plain", self.function)
        answer = self.run(function, made, outputs, raises, self.reached, other, *given)
        value, self.changed = result_of(answer)
        return value

    def located(self, problem: Problem) -> Problem:
        """Return the problem of the last call with the step that it is about.

        That is a step of a script, or a call of the only returned function.
        """
        spec, (number, *_) = self.returns[0], [*self.reached, ""]
        if spec.form == "class":
            (script,) = self.case.arguments.values()
            return located(problem, script, self.reached)
        if len(self.returns) > 1 or type(number) is not int or number not in range(len(spec.calls)):
            return problem
        return replace(problem, call=calls_of(spec)[number])


def adapted(
    function: Callable[..., Any], returns: Sequence[Return], case: Case
) -> Callable[..., Any]:
    """Return a function with its `Adapter`, or the function itself if it needs none."""
    return Adapter(function, returns, case) if is_needed(returns, case) else function


def is_needed(returns: Sequence[Return], case: Case) -> bool:
    """True if a call takes arguments that are made, or may give anything but plain values."""
    forms = any(spec.form in ADAPTED for spec in returns)
    made = any(isinstance(value, Made) for value in case.arguments.values())
    return forms or made or bool(_exceptions(returns, case))


def _exceptions(returns: Sequence[Return], case: Case) -> list[str]:
    """Return the exceptions that a call may raise: none if the right function returns a value.

    Any other exception is described to the student, with the line that raised it.
    """
    right = case.expected.values.values()
    if right and returns[0].form != "class" and not any(isinstance(v, Raised) for v in right):
        return []
    return [name for spec in returns for name in spec.raises]


def adapter_beside(function: Any) -> Any:
    """Return the adapter in the process of a function."""
    return beside(function, _source(), is_variant=False)


@functools.cache
def _source() -> str:
    return inspect.getsource(adapter)


def plan_of(
    returns: Sequence[Return], case: Case, arguments: Sequence[Any], between: Sequence[Any] = ()
) -> tuple[list[list[Any]], list[list[Any]], list[str], list[Any], list[Any], list[Any]]:
    """Return the adapter's arguments: the last item holds those of the function."""
    made, given = _split(arguments)
    outputs = [
        [spec.form if spec.form in ADAPTED else "", list(spec.calls), spec.items]
        for spec in returns
    ]
    if returns[0].form == "class":
        given = [plan_of_script(arguments[0])]
    other = list(_split(between)) if between else []
    if other and returns[0].form == "class":
        other[1] = [plan_of_script(between[0])]
    return made, outputs, _exceptions(returns, case), [], other, given


def _split(arguments: Sequence[Any]) -> tuple[list[list[Any]], list[Any]]:
    """Return the places and sources of the arguments to make, and the others."""
    made = [[place, v.source] for place, v in enumerate(arguments) if isinstance(v, Made)]
    return made, [None if isinstance(v, Made) else v for v in arguments]


def parts_of(spec: Return, value: Any) -> Iterator[tuple[Return, Any]]:
    """Yield the outputs that an adapted output consists of: one for each call, by its text."""
    if spec.form == "function" and isinstance(value, list):
        for name, result in zip(calls_of(spec), value, strict=False):
            yield Return(name, "value"), result
    else:
        yield spec, value


def calls_of(spec: Return) -> list[str]:
    """Return the calls of a returned function as code."""
    return [called(spec.name, *(c if isinstance(c, tuple | list) else [c])) for c in spec.calls]


def result_of(answer: Any) -> tuple[Any, tuple[int, ...]]:
    """Return the outputs that an adapter has returned, and which arguments the call changed.

    An output of another form becomes an object whose class has the name of the output's type.
    """
    value, others, changed, raised = answer
    if raised:
        return Raised(str(raised)), tuple(changed)
    if len(others) == 1:
        return _named(value, others[0]), tuple(changed)
    return tuple(map(_named, value, others)), tuple(changed)


def _named(value: Any, other: str) -> Any:
    return type(other, (), {})() if other else value
