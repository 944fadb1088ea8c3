"""Define an exercise in the short form: a solution, groups of cases, known mistakes and hints.

An example::

    ex = define("trapezoid")

    @ex.solution
    def trapezoid(f, a, b, n): ...

    @ex.cases("areas", points=3)
    def areas(rng):
        yield fn("np.exp(x)"), 0.0, 1.0, 4

`ex.exercise` is the `Exercise`. The names of its checks are those of its groups; what the function
returns follows from the solution. An error names the exercise, the file and the line.
"""

import ast
import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from ..judging.given import NAMES, Made
from ..judging.model import Check, Return, Step
from ..judging.script import CONSTRUCTOR
from .cases import CasesWithDefaults, Rng
from .exercise import PUBLIC_SEED, Exercise
from .mistakes import Mistake, changed_text
from .refusals import after_exception, check_arguments
from .source import BEGIN, END, function_source

__all__ = ["Definition", "DefinitionError", "define", "line_in"]

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
    raises: tuple[type[BaseException], ...] = ()
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
        text = function_source(function, markers=True)
        if BEGIN not in text:
            self._refuse(
                place,
                f"a line {BEGIN} in the solution",
                "none",
                "put it and ### END SOLUTION around the part that students write",
            )
        if isinstance(function, type):
            self._check_markers(function)
        else:
            function.__globals__.update(self.helpers)
        if text.count(BEGIN) != text.count(END):
            self._refuse(
                place,
                f"as many lines {END} as {BEGIN} in the solution",
                f"{text.count(END)} and {text.count(BEGIN)}",
                "add the missing one",
            )
        self.function = function
        return function

    def _check_markers(self, kind: type) -> None:
        """Refuse a class with a marker outside its methods: its stub could not be defined."""
        lines, first = inspect.getsourcelines(kind)
        methods = [line.index("def ") for line in lines if line.lstrip().startswith("def ")]
        for number, line in enumerate(lines, first):
            if line.strip() == BEGIN and not any(line.index(BEGIN) > place for place in methods):
                self._refuse(
                    f"{_file(kind)}, line {number}",
                    f"{BEGIN} inside a method",
                    "it outside of all methods",
                    "put a pair of markers into each method, below its def line",
                )

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
            A piece of the solution that occurs once, and its replacement in the wrong function.
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
        if all(group.check.kind == "edge" for group in self.groups):
            todo = "the checks of the others count only if another check passes"
            self._refuse(self.groups[0].place, "a group without edge=True", "none", todo)
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
            returns=self._returned(),
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

    def checked(self, argument: str, given: Any, kind: type, example: str) -> tuple[Any, ...]:
        """Return an argument of `define` as a tuple; refuse values of another type."""
        values = given if isinstance(given, tuple) else (given,)
        for value in values:
            if not isinstance(value, kind):
                todo = f"write {argument}={example}, or a tuple of several"
                self._refuse(self.place, f"{argument} of the type {kind.__name__}", value, todo)
        return values

    def located(self, error: Exception) -> DefinitionError:
        """Return an error of this exercise with a file and a line: of the group that it names."""
        if isinstance(error, DefinitionError):
            return error
        named = (g.place for g in self.groups if f"case group {g.check.name!r}" in str(error))
        return DefinitionError(f"{next(named, self.place)}: {error}")

    def _drawn(self, rng: Rng) -> CasesWithDefaults:
        for group in self.groups:
            number = 0
            for number, (drawn, place) in enumerate(self._yielded(group, rng), 1):  # noqa: B007
                yield self._case(group, drawn, place)
            if not number:
                self._refuse(group.place, "at least one case", "none", "yield the arguments")

    def _yielded(self, group: _Group, rng: Rng) -> Iterator[tuple[Any, str]]:
        """Yield what a group of cases yields, each with its place."""
        name, file = repr(group.check.name), group.draw.__code__.co_filename
        try:
            drawn = group.draw(rng)
            if not isinstance(drawn, Iterator):
                expected = f"a generator of the cases of {name}"
                todo = "write `yield` and the arguments of a call, once for each case"
                self._refuse(group.place, expected, f"{drawn!r:.80}", todo)
            for value in drawn:
                frame = getattr(drawn, "gi_frame", None)
                yield value, f"{file}, line {frame.f_lineno}" if frame else group.place
        except DefinitionError:
            raise
        except Exception as error:
            place = line_in(error, file) or group.place
            actual = f"{type(error).__name__}: {error}"
            self._refuse(place, f"cases of {name} without an error", actual, "correct this line")

    def _case(
        self, group: _Group, drawn: Any, place: str
    ) -> tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], dict[str, Any]]:
        """Return the group and the arguments of a case, and the defaults of those left out."""
        parameters = self.parameters
        if isinstance(self.function, type):
            values: tuple[Any, ...] = (self._script(drawn, place),)
        else:
            values = drawn if isinstance(drawn, tuple) else (drawn,)
        needed = [p.name for p in parameters if p.default is inspect.Parameter.empty]
        if not len(needed) <= len(values) <= len(parameters):
            names = ", ".join(parameter.name for parameter in parameters)
            self._refuse(
                place,
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
            raise DefinitionError(f"{place}: {error}") from None
        rest = {p.name: p.default for p in parameters[len(values) :]}
        return (group.check.name, arguments, rest) if rest else (group.check.name, arguments)

    def _script(self, drawn: Any, place: str) -> list[Step]:
        """Return the steps of a case of a class; the first of the case's calls may be the class."""
        calls, kind = drawn if isinstance(drawn, tuple | list) else [drawn], self.name
        for call in calls:
            if not (isinstance(call, tuple | list) and call and isinstance(call[0], str)):
                expected = 'calls such as ("push", 3), ("pop",)'
                todo = 'a single call needs one more comma: yield ("pop",),'
                self._refuse(place, expected, f"{call!r:.80}", todo)
        made = [call for call in calls if call[0] in (kind, CONSTRUCTOR)]
        if made not in ([], [call for call in calls[:1] if call[0] == kind]):
            todo = f"each case makes one object: write ({kind!r}, ...) as its first call"
            self._refuse(place, "calls of methods", f"{made[-1]!r:.80}", todo)
        signature, (_, *passed) = inspect.signature(self.function), [*made, (kind,)][0]
        try:
            signature.bind(*passed)
        except TypeError as error:
            todo = f"pass them in the first call: yield ({kind!r}, ...), and then the others"
            self._refuse(place, f"the arguments of {kind}{signature}", error, todo)
        steps = [(kind,), *calls] if not made else calls
        return [self._step(name, tuple(given)) for name, *given in steps]

    def _step(self, name: str, given: tuple[Any, ...]) -> Step:
        """Return a call, or an attribute: a name without arguments that is no method's."""
        is_call = given or name == self.name or callable(getattr(self.function, name, None))
        return Step(name, given if is_call else None)

    def _returned(self) -> tuple[Return, ...]:
        """Return the results and the exceptions, which follow from the solution by default."""
        tree = ast.walk(ast.parse(function_source(self.function)))
        raised = [node.exc for node in tree if isinstance(node, ast.Raise) and node.exc]
        called = [node.func if isinstance(node, ast.Call) else node for node in raised]
        literal = [ast.unparse(node).rpartition(".")[2] for node in called]
        names = dict.fromkeys([*(kind.__name__ for kind in self.raises), *literal])
        is_class = isinstance(self.function, type)
        whole = Return(self.name, "class", parts=tuple(self._procedures()) if is_class else ())
        results = (whole,) if is_class else self.returns or self._results(names)
        return tuple(replace(result, raises=(*names,)) for result in results)

    def _procedures(self) -> Iterator[str]:
        """Yield the names of the methods of a class that return nothing."""
        for node in ast.walk(ast.parse(function_source(self.function))):
            if isinstance(node, ast.FunctionDef):
                ends = [n for n in _own_nodes(node) if isinstance(n, ast.Return | ast.Yield)]
                if not any(end.value for end in ends):
                    yield node.name

    def _results(self, raises: Collection[str]) -> tuple[Return, ...]:
        """Return the names and forms of the results, from the solution and its first result."""
        result = None
        for _, arguments, *_ in self._drawn(np.random.default_rng(PUBLIC_SEED)):
            try:
                result = self.function(*map(_made_now, arguments.values()))
                break
            except Exception as error:
                name = type(error).__name__
                if not {kind.__name__ for kind in type(error).__mro__} & {*raises}:
                    place = line_in(error, _file(self.function)) or _place(self.function)
                    expected, actual = "a result of the solution", f"{name}: {error}"
                    self._refuse(place, expected, actual, after_exception(self.name, name))
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

    def _refuse(self, place: str, expected: str, actual: object, todo: str) -> NoReturn:
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
    helpers: Definition | tuple[Definition, ...] = (),
    unchanged: float = 0,
    raises: type[BaseException] | tuple[type[BaseException], ...] = (),
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
        Results of the function, if they do not follow from the solution: a `Return` for each value.
    helpers
        Earlier exercises that the solution calls, as loaded by `exercise_named`.
    unchanged
        Points for a function that leaves its arguments unchanged; 0 for no such check.
    raises
        Exceptions that the solution raises where it should, such as IndexError, besides those in
        its `raise` statements.

    Raises
    ------
    DefinitionError
        If an argument has another type.

    Examples
    --------
    >>> ex = define("double")
    >>> ex.name
    'double'
    """
    ex = Definition(name, _caller(), title, section, assignment, tolerance, unchanged=unchanged)
    ex.returns = ex.checked("returns", returns, Return, 'Return("y", "typed")')
    ex.raises = ex.checked("raises", raises, type, "IndexError")
    used = ex.checked("helpers", helpers, Definition, 'exercise_named("mean")')
    ex.helpers = {helper.name: helper.function for helper in used}
    return ex


def _caller() -> str:
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"


def _file(function: Any) -> str:
    return inspect.getsourcefile(function) or "?"


def _place(function: Any) -> str:
    return f"{_file(function)}, line {inspect.getsourcelines(function)[1]}"


def line_in(error: Exception, file: str) -> str:
    """Return the file and the last line of it that an exception has passed through; "" if none."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return f"{file}, line {lines[-1]}" if lines else ""


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
