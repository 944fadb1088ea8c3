"""Make plain what is not: arguments that are made from their source, and results that are objects.

A short source runs beside the student's function, in its process. It makes the arguments, calls the
function, and turns a function, generator, object or table into plain values, so the judge compares
nothing but plain values.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

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

# Imports all its names, because the student may have redefined any. `made` holds the numbers of the
# arguments to make and their sources; `outputs` a form, its calls and its number of items; `raises`
# the exceptions that the call may raise. The answer holds the outputs, the types of those that have
# another form, the numbers of the arguments that the call changed, and the exception it raised.
# `reached` receives what `script.located` needs. `between` holds `made` and the arguments of a
# second call. What it makes is used in between, and must not change what this call makes.
SOURCE = """
def adapter(function, made, outputs, raises, reached, between, *arguments):
    from builtins import AttributeError, Exception, NameError, NotImplementedError, TypeError, bool
    from builtins import callable, dict, enumerate, eval, float, getattr, hasattr, int, isinstance
    from builtins import len, list, map, range, set, str, tuple, type, zip
    import copy
    import itertools
    import math
    import numpy

    def evaluated(source):
        names = {"np": numpy, "math": math, "nan": math.nan, "inf": math.inf}
        if source.startswith("pd."):
            import pandas
            names["pd"] = pandas
        return eval(source, names)

    def returned(call, calls):
        for number, parts in enumerate(calls):
            reached[:] = [number]
            yield call(*parts) if type(parts) in (list, tuple) else call(parts)

    def expected(error):
        names = [base.__name__ for base in type(error).__mro__]
        if "NotImplementedError" not in names:
            for name in raises:
                if name in names:
                    return name
        raise

    def without_self(error, kind, name, parts, script):
        trace = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        frame = trace.tb_frame
        if isinstance(error, TypeError) and frame.f_code in (driven.__code__, step.__code__):
            code = getattr(getattr(kind, name, None), "__code__", None)
            names = code.co_varnames[: code.co_argcount] if code else ("self",)
            return "self" if names[:1] != ("self",) and len(names) <= len(parts) else ""
        own, variable = frame.f_locals.get("self"), "".join(str(error).split("'")[1:2])
        if isinstance(error, NameError) and isinstance(own, kind):
            return variable if hasattr(own, variable) or [variable, None] in script else ""
        return ""

    def step(kind, instance, name, parts):
        try:
            result = getattr(instance, name)
        except AttributeError:
            if hasattr(kind, name):  # its property raises the exception
                raise
            return ["no attribute" if parts is None else "no method", None]
        if callable(result) == (parts is None):
            return ["method" if parts is None else "attribute", None]
        result = result if parts is None else result(*parts)
        if type(result) in (dict, list, set, tuple, numpy.ndarray):
            result = copy.deepcopy(result)  # a later call may change it
        return ["value", "a " + kind.__name__ if isinstance(result, kind) else result]

    def driven(kind, script, then):
        if not isinstance(kind, type):
            return [["function", None]] * len(script)
        instance, results = None, []
        for number, (name, parts) in enumerate(script):
            if number:
                then()
            reached[:] = [number]
            try:
                if number:
                    results.append(step(kind, instance, name, parts))
                else:
                    instance = kind(*parts)
                    results.append(["raised", ""])
            except Exception as error:
                reached.append(without_self(error, kind, name, parts, script))
                results.append(["raised", expected(error)])
                if not number:
                    return results * len(script)
        return results

    def cell(value):
        value = value.item() if isinstance(value, numpy.generic) else value
        if isinstance(value, (bool, int, float, str)):
            return value if value == value else None
        return None if type(value).__name__ in ("NoneType", "NAType", "NaTType") else str(value)

    def rows(values):
        return [tuple(map(cell, v)) if type(v) is tuple else cell(v) for v in values]

    def of_table(value):
        frame = value if hasattr(value, "columns") else value.to_frame()
        columns = [frame.iloc[:, place] for place in range(len(frame.columns))]
        names = rows(frame.columns)
        kinds = {"i": "number", "u": "number", "f": "number", "b": "bool", "M": "date", "m": "time"}
        return {
            "type": type(value).__name__,
            "columns": names,
            "index": rows(frame.index),
            "dtypes": {n: kinds.get(c.dtype.kind, "text") for n, c in zip(names, columns)},
            "values": {n: rows(c) for n, c in zip(names, columns)},
        }

    def numbers(values):
        return [cell(numpy.asarray(v).item()) for v in numpy.ma.filled(values, numpy.nan)]

    def of_axes(axes):
        legend = axes.get_legend()
        limits = {}
        if not axes.get_autoscalex_on():
            limits["xlim"] = numbers(axes.get_xlim())
        if not axes.get_autoscaley_on():
            limits["ylim"] = numbers(axes.get_ylim())
        lines = [(line.get_xdata(), line.get_ydata()) for line in axes.lines]
        points = [(c.get_offsets()[:, 0], c.get_offsets()[:, 1]) for c in axes.collections]
        return {
            "title": axes.get_title(),
            "xlabel": axes.get_xlabel(),
            "ylabel": axes.get_ylabel(),
            "xscale": axes.get_xscale(),
            "yscale": axes.get_yscale(),
            "lines": [{"x": numbers(x), "y": numbers(y)} for x, y in lines],
            "points": [{"x": numbers(x), "y": numbers(y)} for x, y in points],
            "bars": [
                {"left": p.get_x(), "width": p.get_width(), "height": p.get_height()}
                for p in axes.patches
                if hasattr(p, "get_height")
            ],
            "pixels": [numpy.array(shown.get_array(), float) for shown in axes.images],
            "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
            **limits,
        }

    def of_figure(value):
        import matplotlib.pyplot
        figure = value if hasattr(value, "axes") and hasattr(value, "savefig") else None
        figure = figure or getattr(value, "figure", None) or matplotlib.pyplot.gcf()
        parts = [of_axes(axes) for axes in figure.axes if axes.get_label() != "<colorbar>"]
        return parts[0] if len(parts) == 1 else parts

    def converted(value, form, calls, items):
        if form == "function" and callable(value):
            return list(returned(value, calls)), ""
        if form == "generator" and hasattr(value, "__next__"):
            return list(itertools.islice(value, items)), ""
        if form == "table" and type(value).__name__ in ("DataFrame", "Series"):
            return of_table(value), ""
        if form == "figure":
            drawn = of_figure(value)
            return drawn, "" if drawn else "figure without axes"
        return value, "" if form in ("", "class") or value is None else type(value).__name__

    def completed(made, arguments):
        values = list(arguments)
        for place, source in made:
            values[place] = evaluated(source)
        return values

    def parts(value):
        several = len(outputs) > 1 and type(value) in (tuple, list) and len(value) == len(outputs)
        return value if several else [value]

    def use_another():
        if not between:
            return
        values = completed(*between)
        try:
            if forms == ["class"]:
                (script,) = copy.deepcopy(values)
                driven(function, script[:-1], list)  # which may leave another state
            else:
                pairs = zip(parts(function(*values)), outputs)
                [converted(value, *output) for value, output in pairs]
        except Exception:
            return

    given = completed(made, arguments)
    forms, raised = [form for form, calls, items in outputs], ""
    if "figure" in forms:
        import matplotlib.pyplot as plt
        before = plt.get_fignums()
        plt.figure()
    if forms == ["class"]:
        value = driven(function, *given, use_another)
    else:
        try:
            value = function(*given)
        except Exception as error:
            value, raised = None, expected(error)
        use_another()
    several = parts(value) is value
    pairs = [converted(v, *output) for v, output in zip(parts(value), outputs)]
    values, others = [v for v, _ in pairs], [other for _, other in pairs]
    if "figure" in forms:
        for number in plt.get_fignums():
            if number not in before:
                plt.close(number)
    changed = [
        place
        for place, source in made
        if source.startswith("pd.") and of_table(given[place]) != of_table(evaluated(source))
    ]
    return [values if several else values[0], others, changed, raised]
"""


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
        return adapter_beside(self.function)

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


def adapter_beside(function: Any) -> Callable[..., Any]:
    """Return the adapter in the process of a function."""
    if hasattr(function, "with_source"):
        beside: Callable[..., Any] = function.with_source(SOURCE, is_variant=False)
        return beside
    adapting = getattr(function, "adapting", None)
    return adapting(_adapter()) if adapting else _adapter()


@functools.cache
def _adapter() -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(compile(SOURCE, "<variant>", "exec"), names)
    adapter: Callable[..., Any] = names["adapter"]
    return adapter


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
