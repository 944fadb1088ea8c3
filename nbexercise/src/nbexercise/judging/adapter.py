"""Make the arguments of a call, call the student's function, and make its results plain.

`adapters` runs this module's source in the student's process, so it needs no other module here.
"""

from __future__ import annotations

from typing import Any

__all__ = ["adapter"]


def adapter(
    function: Any,
    made: list[Any],
    outputs: list[Any],
    raises: list[str],
    reached: list[Any],
    between: list[Any],
    *arguments: Any,
) -> list[Any]:
    """Call a function, and return its outputs as plain values, and what is not in them.

    Every name is imported here, because the student may have redefined any.

    Parameters
    ----------
    made
        Numbers of the arguments to make, and their sources.
    outputs
        Form, calls and number of items of each output.
    raises
        Names of the exceptions that the call may raise.
    reached
        Receives what `script.located` needs.
    between
        `made` and the arguments of another call, or nothing. What that call makes is used before
        the results are compared, and must not change what this call makes.

    Returns
    -------
    list
        The outputs, the types of those of another form, the numbers of the arguments that the call
        changed, and the exception it raised.
    """
    import copy
    import itertools
    import math
    from builtins import (  # noqa: UP029
        AttributeError,
        Exception,
        NameError,
        TypeError,
        bool,
        callable,
        dict,
        enumerate,
        eval,
        float,
        getattr,
        hasattr,
        int,
        isinstance,
        len,
        list,
        map,
        range,
        set,
        str,
        tuple,
        type,
        zip,
    )

    import numpy

    def evaluated(source: str) -> Any:
        names = {"np": numpy, "math": math, "nan": math.nan, "inf": math.inf}
        if source.startswith("pd."):
            import pandas

            names["pd"] = pandas
        return eval(source, names)

    def returned(call: Any, calls: Any) -> Any:
        for number, parts in enumerate(calls):
            reached[:] = [number]
            yield call(*parts) if type(parts) in (list, tuple) else call(parts)

    def expected(error: Any) -> str:
        names = [base.__name__ for base in type(error).__mro__]
        if "NotImplementedError" not in names:
            for name in raises:
                if name in names:
                    return name
        raise

    def without_self(error: Any, kind: Any, name: str, parts: Any, script: Any) -> str:
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

    def step(kind: Any, instance: Any, name: str, parts: Any) -> list[Any]:
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

    def driven(kind: Any, script: Any, then: Any) -> list[Any]:
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

    def cell(value: Any) -> Any:
        value = value.item() if isinstance(value, numpy.generic) else value
        if isinstance(value, (bool, int, float, str)):
            return value if value == value else None
        return None if type(value).__name__ in ("NoneType", "NAType", "NaTType") else str(value)

    def rows(values: Any) -> list[Any]:
        return [tuple(map(cell, v)) if type(v) is tuple else cell(v) for v in values]

    def of_table(value: Any) -> Any:
        frame = value if hasattr(value, "columns") else value.to_frame()
        columns = [frame.iloc[:, place] for place in range(len(frame.columns))]
        names = rows(frame.columns)
        kinds = {"i": "number", "u": "number", "f": "number", "b": "bool", "M": "date", "m": "time"}
        return {
            "type": type(value).__name__,
            "columns": names,
            "index": rows(frame.index),
            "dtypes": {
                n: kinds.get(c.dtype.kind, "text") for n, c in zip(names, columns, strict=True)
            },
            "values": {n: rows(c) for n, c in zip(names, columns, strict=True)},
        }

    def numbers(values: Any) -> list[Any]:
        return [cell(numpy.asarray(v).item()) for v in numpy.ma.filled(values, numpy.nan)]

    def of_axes(axes: Any) -> Any:
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

    def of_figure(value: Any) -> Any:
        import matplotlib.pyplot

        figure = value if hasattr(value, "axes") and hasattr(value, "savefig") else None
        figure = figure or getattr(value, "figure", None) or matplotlib.pyplot.gcf()
        parts = [of_axes(axes) for axes in figure.axes if axes.get_label() != "<colorbar>"]
        return parts[0] if len(parts) == 1 else parts

    def converted(value: Any, form: str, calls: Any, items: int) -> tuple[Any, str]:
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

    def completed(made: Any, arguments: Any) -> list[Any]:
        values = list(arguments)
        for place, source in made:
            values[place] = evaluated(source)
        return values

    def parts(value: Any) -> Any:
        several = len(outputs) > 1 and type(value) in (tuple, list) and len(value) == len(outputs)
        return value if several else [value]

    def use_another() -> None:
        if not between:
            return
        values = completed(*between)
        try:
            if forms == ["class"]:
                (script,) = copy.deepcopy(values)
                driven(function, script[:-1], list)  # which may leave another state
            else:
                pairs = zip(parts(function(*values)), outputs, strict=False)
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
        (script,) = given
        value = driven(function, script, use_another)
    else:
        try:
            value = function(*given)
        except Exception as error:
            value, raised = None, expected(error)
        use_another()
    several = parts(value) is value
    pairs = [converted(v, *output) for v, output in zip(parts(value), outputs, strict=False)]
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
