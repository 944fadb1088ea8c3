"""Copy functions that are not answers, and adapt them without thought, as a student might.

`functions` finds every function in the files that students get; `earned` adapts it to the
interface of an exercise mechanically, and judges it: arguments in order or by similar names,
containers unpacked, the result put into a tuple with the cache.
"""

import __future__

import ast
import contextlib
import functools
import importlib
import inspect
import io
import json
import re
import textwrap
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exercises import EXERCISES
from nbexercise.defining.exercise import Exercise
from public_tests.course.convolution import CACHE_PARTS
from tools.course import BUNDLE, ROOT

__all__ = [
    "GIVEN",
    "SIMILAR",
    "Copied",
    "earned",
    "examples_of",
    "functions",
    "in_text",
    "leaves",
    "places",
    "points",
    "right_in_order",
    "right_on",
]

# Later assignments contain the answers of earlier ones, so that a mistake there costs nothing here.
# Instructors who grade one after the other release them separately, with
# `make student ARGS="--only ..."`.
GIVEN = {
    (f"release/{assignment}/{assignment}.ipynb", name, name)
    for assignment, names in {
        "conv_forward": ("zero_pad", "conv_single_step"),
        "backprop": ("zero_pad", "conv_single_step", "conv_forward", "pool_forward"),
        "one_by_one": ("zero_pad", "conv_single_step", "conv_forward"),
        "lenet": (
            *("conv_forward", "pool_forward", "conv_backward", "pool_backward"),
            "softmax_cross_entropy",
        ),
    }.items()
    for name in names
}

SIMILAR = {  # names in libraries and lessons, and the exercises' names for the same things
    **dict.fromkeys(("A_prev", "X", "Z", "x"), {"x", "X", "A_prev", "A", "Z", "images", "scores"}),
    "W": {"W", "weights", "kernel", "filters"},
    "b": {"b", "bias", "biases"},
    **dict.fromkeys(("dZ", "dA"), {"dy", "dZ", "dA"}),
    "pad": {"pad", "padding"},
    "output_pad": {"output_pad", "output_padding"},
    "stride": {"stride", "strides"},
    "f": {"f", "kernel_size", "size"},
}


@dataclass(frozen=True)
class Copied:
    """A function in a file that students get.

    Attributes
    ----------
    name
        Name of the function, "lambda" for an anonymous one.
    alone
        The function pasted alone, with only NumPy imported; None if that is an error.
    whole
        The function pasted with all definitions and imports of its file, without decorators; None
        for a nested function.
    """

    name: str
    alone: Callable | None
    whole: Callable | None


def places() -> list[str]:
    """Return the files with Python code: the lessons' archive, lessons, and assignments' notebooks.

    Lessons are read from their texts, in which the solutions are not yet folded.
    """
    with zipfile.ZipFile(ROOT / "release" / BUNDLE) as bundle:
        names = [name for name in bundle.namelist() if name.endswith(".py")]
    paths = [*ROOT.glob("course/[0-9]*.py"), *ROOT.glob("release/*/*.ipynb")]
    return names + sorted(path.relative_to(ROOT).as_posix() for path in paths)


def functions(place: str) -> Iterator[Copied]:
    """Yield every function in one of the files that students get."""
    if place.endswith(".ipynb"):
        text = "\n\n".join(_code_of(json.loads((ROOT / place).read_bytes())))
        namespace = _functions_of(text)
    elif place.startswith("course/"):
        text = (ROOT / place).read_text(encoding="utf-8")
        namespace = _functions_of(text)
    else:
        with zipfile.ZipFile(ROOT / "release" / BUNDLE) as bundle:
            text = bundle.read(place).decode()
        module = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        namespace = vars(importlib.import_module(module))
    yield from in_text(text, namespace)


def _code_of(notebook):
    """Return the sources of a notebook's code cells."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            yield re.sub(r"^[%!].*$", "", "".join(cell["source"]), flags=re.MULTILINE)


def _functions_of(text):
    """Return a namespace with a text's functions, with only NumPy imported."""
    namespace = {"np": np}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            with contextlib.suppress(NameError):  # a default value of the cells
                _define(_without_decorators(text, node), namespace)
    return namespace


def in_text(text: str, namespace: dict) -> Iterator[Copied]:
    """Yield the functions of a text.

    Parameters
    ----------
    namespace
        Definitions that exist after the whole text has been pasted.
    """
    tree = ast.parse(text)
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            own = f"function = ({ast.get_source_segment(text, node)})"
            yield Copied("lambda", _pasted(own, "function"), None)
        elif isinstance(node, ast.FunctionDef):
            whole = namespace.get(node.name) if id(node) in top else None
            alone = _pasted(_without_decorators(text, node), node.name)
            yield Copied(node.name, alone, whole and inspect.unwrap(whole))


def _without_decorators(text, node):
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))


def _define(text, namespace):
    """Run a text without its annotations, whose names may be undefined."""
    exec(compile(text, "<copied>", "exec", __future__.annotations.compiler_flag), namespace)


@functools.cache
def _pasted(text, name):
    namespace = {"np": np}
    try:
        _define(text, namespace)
    except NameError:  # a default value that is undefined in the cell
        return None
    return namespace[name]


def earned(function: Callable, exercise: Exercise, seed: int = 1) -> float:
    """Return the most points that a function earns for correct values in any mechanical form."""
    if not callable(function):  # a name that is rebound later
        return 0
    adaptations = [function, _by_name(function, exercise)]
    if _has_containers(exercise.name):
        adaptations.append(_unpacked(function))
    right = [points(form, exercise, seed) for form in adaptations if right_on(form, exercise, seed)]
    return max(right, default=0.0)


def points(function: Callable, exercise: Exercise, seed: int = 1) -> float:
    """Return the most points that a function earns, with and without a cache."""
    case_set, examples, for_shapes = _judged_with(exercise.name, seed)
    few = replace(case_set, cases=examples)  # on fewer cases it earns at least as many points
    best = 0.0
    for form in _forms(function):
        if exercise.decide_on(few, form)[0].points > best + for_shapes:
            best = max(best, exercise.decide_on(case_set, form)[0].points - for_shapes)
    return best


def right_on(function: Callable, exercise: Exercise, seed: int = 1) -> bool:
    """True if a result of the function is among the correct values of an example."""
    examples = examples_of(exercise.name, seed)
    return _right_somewhere(
        function, ((case.fresh_arguments().values(), case) for case in examples)
    )


def right_in_order(function: Callable, order: Sequence[int], exercise: Exercise) -> bool:
    """Check the function as `right_on` does, on some parts of the arguments, in `order`."""
    parts = _parts_of(exercise.name)
    return _right_somewhere(
        function, (([_copied(values[place]) for place in order], case) for values, case in parts)
    )


@functools.cache
def _parts_of(name):
    """Return the parts of each example's arguments in order, with the example."""
    parameters = list(inspect.signature(EXERCISES[name].loops).parameters)
    return [
        ([value for _, value in leaves(case.fresh_arguments().values(), parameters)], case)
        for case in examples_of(name)
    ]


def _copied(value):
    return value.copy() if isinstance(value, np.ndarray) else value


def examples_of(name: str, seed: int = 1) -> tuple:
    """Return one case of each group of an exercise."""
    return _judged_with(name, seed)[1]


def _forms(function):
    """Yield versions of a function: unchanged, with a cache, and without its last results."""
    yield function
    yield lambda *args: (function(*args), tuple(arg for arg in args if not isinstance(arg, str)))
    yield lambda *args: function(*args)[0]


def _right_somewhere(function, examples):
    """True if a function returns some correct value of an example.

    Parameters
    ----------
    examples
        (arguments, case) pairs.
    """
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for number, (arguments, case) in enumerate(examples):
            try:
                with np.errstate(all="ignore"):
                    result = function(*arguments)
                    if _any_equal(list(_arrays(result)), list(_arrays(case.expected.values))):
                        return True
            except Exception:
                if number == 2:  # a correct function would have answered by now
                    return False
    return False


def _any_equal(arrays, expected):
    return any(
        one.shape == other.shape and np.allclose(one.astype(float), other.astype(float))
        for one in arrays
        for other in expected
    )


def _arrays(value):
    """Yield the arrays and numbers in a result."""
    if isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif isinstance(value, np.ndarray | np.number | int | float):
        array = np.asarray(value)
        if array.dtype.kind in "fiub":
            yield array


@functools.cache
def _judged_with(name, seed):
    """Return a case of each group of an exercise, and the points for correct shapes alone."""
    exercise = EXERCISES[name]
    case_set = exercise.case_set(seed)
    examples = {case.group: case for case in reversed(case_set.cases)}

    def wrong(*args):
        return _other_values(exercise.vectorized(*args), args)

    for_shapes = exercise.decide_on(case_set, wrong)[0].points
    return case_set, tuple(examples.values()), for_shapes


def _other_values(result, args):
    if isinstance(result, tuple):
        cache = any(part is arg for part in result for arg in args)
        return result if cache else tuple(_other_values(part, args) for part in result)
    if isinstance(result, dict):
        return {name: _other_values(value, args) for name, value in result.items()}
    return ~result if np.asarray(result).dtype == bool else result + 1.5


@functools.cache
def _has_containers(name):
    """True if an exercise's arguments contain containers to be unpacked."""
    arguments = list(examples_of(name)[0].fresh_arguments().values())
    return len(list(leaves(arguments, [""] * len(arguments)))) > len(arguments)


def _unpacked(function):
    return lambda *args: function(*(value for _, value in leaves(args, [""] * len(args))))


def _by_name(function, exercise):
    """Map each parameter to the argument of a similar name, or else to the next unused one."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a class written in C
        return function
    names = list(inspect.signature(exercise.loops).parameters)

    def calling(*args):
        left, chosen = list(leaves(args, names)), {}
        for parameter in parameters:
            found = [
                place
                for place, (name, _) in enumerate(left)
                if parameter.name in SIMILAR.get(name, {name})
            ]
            if found:
                chosen[parameter.name] = left.pop(found[0])[1]
        for parameter in parameters:
            if parameter.name not in chosen and parameter.default is parameter.empty and left:
                chosen[parameter.name] = left.pop(0)[1]
        if not chosen:
            raise TypeError("a function of nothing answers nothing")
        return function(**chosen)

    return calling


def leaves(values: Iterable, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) pairs of arguments, with caches and hparameters unpacked."""
    for name, value in zip(names, values, strict=False):
        if isinstance(value, dict) and not name.startswith(("parameters", "gradients")):
            yield from value.items()
        elif isinstance(value, tuple) and name != "shape":
            yield from leaves(value, CACHE_PARTS[len(value)])
        else:
            yield name, value
