"""Define an exercise in the short form: a solution, groups of cases, known mistakes and hints.

    ex = define("trapezoid")

    @ex.solution
    def trapezoid(f, a, b, n): ...

    @ex.cases("areas", points=3)
    def areas(rng):
        yield fn("exp(x)"), 0.0, 1.0, 4

`ex.exercise` is the `Exercise`. The names of its checks are those of its groups; what the function
returns follows from the solution. An error names the exercise, the file and the line.
"""

import ast
import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from ..judging.given import NAMES, Made
from ..judging.model import Check, Return
from .cases import CasesWithDefaults, Rng
from .exercise import PUBLIC_SEED, Exercise
from .mistakes import Mistake, changed_text
from .refusals import check_arguments
from .source import BEGIN, function_source

__all__ = ["Definition", "DefinitionError", "define"]

HINT = (
    "Work out the first failing case by hand, step by step, and compare each step with your code."
)
ITEMS = 10  # items of a generator to compare
TABLES = ("DataFrame", "Series")


class DefinitionError(ValueError):
    """An invalid definition; the message names the exercise, the file and the line."""


@dataclass(frozen=True)
class _Group:
    check: Check
    draw: Callable[[Rng], Any]
    place: str


@dataclass(frozen=True)
class _Declared:
    mistake: Mistake
    place: str


@dataclass
class Definition:
    """An exercise that is being defined: see `define`."""

    name: str
    place: str
    title: str = ""
    section: str = ""
    assignment: str = ""
    tolerance: float = 1e-9
    returns: tuple[Return, ...] = ()
    helpers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    unchanged: float = 0
    function: Any = None
    expected: Any = None
    hints: tuple[str, ...] = ()
    groups: list[_Group] = field(default_factory=list)
    mistakes: list[_Declared] = field(default_factory=list)

    def solution(self, function: Any) -> Any:
        """Define the function that students write, or the class; use it as a decorator.

        The part between nbgrader's `### BEGIN SOLUTION` and `### END SOLUTION` is theirs.
        """
        place = _place(function)
        called = getattr(function, "__name__", "?")
        if called != self.name:
            self._refuse(place, f"a function named {self.name}", called, "rename one of them")
        if BEGIN not in function_source(function, markers=True):
            self._refuse(
                place,
                f"a line {BEGIN} in the solution",
                "none",
                "put it and ### END SOLUTION around the part that students write",
            )
        if not isinstance(function, type):
            function.__globals__.update(self.helpers)
        self.function = function
        return function

    def reference(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Define a function that computes the right results, instead of the solution."""
        self.expected = function
        return function

    def cases(self, name: str, points: float, edge: bool = False) -> Callable[[Any], Any]:
        """Define a group of cases: a generator of the arguments of each call, by position.

        Parameters
        ----------
        name
            Name of the group and of its check, which students read.
        edge
            True for cases in which wrong functions may be right: the check counts only if another
            one passes.
        """
        place = _caller()
        if points <= 0:
            self._refuse(place, "a positive number of points", points, "give the group points")
        if any(name == group.check.name for group in self.groups):
            self._refuse(place, "another name", name, "give each group a name of its own")

        def declare(draw: Callable[[Rng], Any]) -> Callable[[Rng], Any]:
            check = Check(name, points, "edge" if edge else "values", groups=(name,))
            self.groups.append(_Group(check, draw, place))
            return draw

        return declare

    def mistake(
        self,
        old: str,
        new: str,
        diagnosis: str,
        hint: str = "",
        name: str = "",
        also: dict[str, str] | None = None,
    ) -> None:
        """Define a known mistake: a change of the solution, and a sentence that names it.

        Parameters
        ----------
        old, new
            A piece of the solution that occurs once, and what stands there in the wrong function.
        hint
            Sentence that leads to the fix without giving the code.
        name
            Name in tables and reports; by default the sentence.
        also
            Further changes.
        """
        place, name = _caller(), name or diagnosis.rstrip(".")
        if any(name == declared.mistake.name for declared in self.mistakes):
            self._refuse(place, "another name", name, "give one of the mistakes a name=")
        made = Mistake(name, {old: new, **(also or {})}, (), diagnosis, hint)
        self.mistakes.append(_Declared(made, place))

    def hint(self, *hints: str) -> None:
        """Define hints, from a question to the main idea."""
        self.hints += hints

    @functools.cached_property
    def exercise(self) -> Exercise:
        """The finished exercise.

        Raises
        ------
        DefinitionError
            If something is missing or does not fit together.
        """
        if self.function is None:
            todo = f"write @ex.solution above def {self.name}(...):"
            self._refuse(self.place, "a solution", "none", todo)
        if not self.groups:
            todo = 'write @ex.cases("values", points=3) above a generator of arguments'
            self._refuse(self.place, "a group of cases", "none", todo)
        for declared in self.mistakes:
            try:
                text = function_source(self.function, markers=True)
                changed_text(text, declared.mistake, self.name)
            except ValueError as error:
                raise DefinitionError(f"{declared.place}: exercise {error}") from None
        checks = [group.check for group in self.groups]
        if self.unchanged:
            checks.append(Check("arguments unchanged", self.unchanged, "unchanged"))
        return Exercise(
            loops=self.function,
            vectorized=self.expected or self.function,
            title=self.title or self.name.replace("_", " "),
            assignment=self.assignment,
            section=self.section,
            returns=self.returns or self._returned(),
            cases=self._drawn,
            checks=tuple(checks),
            mistakes=tuple(declared.mistake for declared in self.mistakes),
            hints=self.hints or (HINT,),  # type: ignore[arg-type]
            helpers=self.helpers,
            tolerance=self.tolerance,
        )

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters of the function; for a class, the calls of its methods."""
        if isinstance(self.function, type):
            return [inspect.Parameter("calls", inspect.Parameter.POSITIONAL_ONLY)]
        return list(inspect.signature(self.function).parameters.values())

    def place_of(self, mistake: Mistake) -> str:
        """Return the file and the line of a mistake."""
        return next(declared.place for declared in self.mistakes if declared.mistake == mistake)

    def _drawn(self, rng: Rng) -> CasesWithDefaults:
        for group in self.groups:
            number = 0
            for number, drawn in enumerate(group.draw(rng), 1):  # noqa: B007
                yield self._case(group, drawn)
            if not number:
                self._refuse(group.place, "at least one case", "none", "yield the arguments")

    def _case(
        self, group: _Group, drawn: Any
    ) -> tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], dict[str, Any]]:
        """Return the group and the arguments of a case, and the defaults of those left out."""
        parameters = self.parameters
        if isinstance(self.function, type):
            values = (list(drawn),)
        else:
            values = drawn if isinstance(drawn, tuple) else (drawn,)
        needed = [p.name for p in parameters if p.default is inspect.Parameter.empty]
        if not len(needed) <= len(values) <= len(parameters):
            names = ", ".join(parameter.name for parameter in parameters)
            self._refuse(
                group.place,
                f"{len(parameters)} arguments ({names}) in each case of {group.check.name!r}",
                f"{len(values)}: {drawn!r:.80}",
                "yield them in the order of the function; a single tuple needs another pair of "
                "parentheses and a comma",
            )
        plain = [v.item() if isinstance(v, np.generic) else v for v in values]
        arguments = dict(zip([p.name for p in parameters], plain, strict=False))
        try:
            check_arguments(self.name, group.check.name, arguments)
        except TypeError as error:
            raise DefinitionError(f"{group.place}: {error}") from None
        rest = {p.name: p.default for p in parameters[len(values) :]}
        return (group.check.name, arguments, rest) if rest else (group.check.name, arguments)

    def _returned(self) -> tuple[Return, ...]:
        """Return the names and forms of the results, from the solution and its first case."""
        if isinstance(self.function, type):
            raised = ast.walk(ast.parse(function_source(self.function)))
            errors = (node.exc for node in raised if isinstance(node, ast.Raise) and node.exc)
            found = [re.match(r"\w+", ast.unparse(error)) for error in errors]
            kinds = tuple(dict.fromkeys(match[0] for match in found if match))
            return (Return(self.name.lower(), "class", parts=kinds),)
        _, arguments, *_ = next(iter(self._drawn(np.random.default_rng(PUBLIC_SEED))))
        try:
            result = self.function(*map(_made_now, arguments.values()))
        except Exception as error:
            place = f"{_place(self.function)}: exercise {self.name!r}: the right function raised "
            raise DefinitionError(f"{place}{type(error).__name__}: {error}") from error
        names = self._names()
        if isinstance(result, tuple) and len(result) == len(names) > 1:
            return tuple(map(self._form, names, result))
        return (self._form(names[0] if len(names) == 1 else "result", result),)

    def _names(self) -> list[str]:
        """Return the names in the function's last return statement."""
        (tree,) = ast.parse(function_source(self.function)).body
        returned = [node for node in _own_nodes(tree) if isinstance(node, ast.Return)]
        value = max(returned, key=lambda node: node.lineno).value if returned else None
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        number = len(values)
        return [
            node.id
            if isinstance(node, ast.Name)
            else ("result" if number == 1 else f"result {place}")
            for place, node in enumerate(values, 1)
        ]

    def _form(self, name: str, value: Any) -> Return:
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.ndim:
            return Return(name)
        if isinstance(value, float | np.floating):
            return Return(name, "number")
        if type(value).__name__ in TABLES:
            return Return(name, "table")
        if inspect.isgenerator(value):
            return Return(name, "generator", items=ITEMS)
        if hasattr(value, "savefig") or hasattr(value, "get_figure"):
            _close_figures()
            return Return("plot", "figure")
        if value is None and "matplotlib.pyplot" in map(_module_name, self._globals.values()):
            _close_figures()
            return Return("plot", "figure")
        if callable(value):
            self._refuse(
                _place(self.function),
                "the arguments with which the returned function is called",
                "none",
                f'write define({self.name!r}, returns=Return({name!r}, "function", calls=(0, 1)))',
            )
        return Return(name, "value")

    @property
    def _globals(self) -> dict[str, Any]:
        return getattr(self.function, "__globals__", {})

    def _refuse(self, place: str, expected: str, actual: object, todo: str) -> None:
        raise DefinitionError(
            f"{place}: exercise {self.name!r}: expected {expected}, got {actual}; {todo}."
        )


def define(
    name: str,
    *,
    title: str = "",
    section: str = "",
    assignment: str = "",
    tolerance: float = 1e-9,
    returns: Return | tuple[Return, ...] = (),
    helpers: tuple[Definition, ...] = (),
    unchanged: float = 0,
) -> Definition:
    """Begin the definition of an exercise.

    Parameters
    ----------
    name
        Name of the function that students write.
    title
        Name of the exercise in reports; by default the function's.
    section
        Heading to read again; by default the last one above the exercise in the notebook.
    assignment
        Name of the notebook, for messages.
    tolerance
        Allowed difference of float64, relative to the largest expected value.
    returns
        What the function returns, if that does not follow from the solution: a `Return` for each
        value.
    helpers
        Earlier exercises that the solution calls: what `exercise_named` returns for their names.
    unchanged
        Points for a function that leaves its arguments unchanged; 0 for no such check.

    Examples
    --------
    >>> ex = define("double")
    >>> ex.name
    'double'
    """
    return Definition(
        name,
        _caller(),
        title,
        section,
        assignment,
        tolerance,
        (returns,) if isinstance(returns, Return) else returns,
        {helper.name: helper.function for helper in helpers},
        unchanged,
    )


def _caller() -> str:
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"


def _place(function: Any) -> str:
    file = inspect.getsourcefile(function)
    return f"{file}, line {inspect.getsourcelines(function)[1]}"


def _made_now(value: Any) -> Any:
    """Return an argument as the function gets it."""
    if not isinstance(value, Made):
        return value
    names: dict[str, Any] = dict(NAMES)
    if value.source.startswith("pd."):
        names["pd"] = __import__("pandas")
    return eval(value.source, names)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of functions inside it."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own_nodes(node)


def _module_name(value: Any) -> str:
    return value.__name__ if isinstance(value, ModuleType) else ""


def _close_figures() -> None:
    sys.modules["matplotlib.pyplot"].close("all")
