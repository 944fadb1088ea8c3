"""What a student may do with a function that is not an answer: paste it, and adapt it a little.

`functions` finds every function in the files that students can get; `earned` gives it the interface
of an exercise as somebody does who does not know what is in it, and judges that: arguments in their
order or by similar names, containers unpacked, the result put into a tuple with the cache.
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
from exercises.exercise import Exercise
from public_tests.model import CACHE_PARTS
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

# A later assignment gives the answers of earlier ones, so that a mistake there costs nothing here.
# Who grades one after the other releases them so: `make student ARGS="--only ..."`.
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

SIMILAR = {  # names that libraries and lessons have for what the exercises call so
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
    """A function in a file that students can get.

    name: of the function, "lambda" where it has none
    alone: the function as pasted alone, where only NumPy is imported; None where that is an error
    whole: the function as pasted with all that its file defines and imports, and without its
        decorators; None where it is inside another one
    """

    name: str
    alone: Callable | None
    whole: Callable | None


def places() -> list[str]:
    """The files that hold Python: in the lessons' bundle, lessons, and assignments' notebooks.

    A lesson is read from its text, in which an exercise's solution is not yet folded away.
    """
    with zipfile.ZipFile(ROOT / "release" / BUNDLE) as bundle:
        names = [name for name in bundle.namelist() if name.endswith(".py")]
    paths = [*ROOT.glob("course/[0-9]*.py"), *ROOT.glob("release/*/*.ipynb")]
    return names + sorted(path.relative_to(ROOT).as_posix() for path in paths)


def functions(place: str) -> Iterator[Copied]:
    """Every function in one of the files that students can get."""
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
    """The texts of a notebook's code cells."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            yield re.sub(r"^[%!].*$", "", "".join(cell["source"]), flags=re.MULTILINE)


def _functions_of(text):
    """A namespace with a text's functions, in which nothing but NumPy is imported."""
    namespace = {"np": np}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            _define(_without_decorators(text, node), namespace)
    return namespace


def in_text(text: str, namespace: dict) -> Iterator[Copied]:
    """The functions of a text; namespace: what is defined where all of it is pasted."""
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
    """Run a text; what its annotations name need not be there, as who copies it leaves them out."""
    exec(compile(text, "<copied>", "exec", __future__.annotations.compiler_flag), namespace)


@functools.cache
def _pasted(text, name):
    namespace = {"np": np}
    try:
        _define(text, namespace)
    except NameError:  # a default that the cell does not know
        return None
    return namespace[name]


def earned(function: Callable, exercise: Exercise, seed: int = 1) -> float:
    """The most points that a function earns for right values in any form that takes no thought."""
    if not callable(function):  # a name that is bound to something else later on
        return 0
    adaptations = [function, _by_name(function, exercise)]
    if _has_containers(exercise.name):
        adaptations.append(_unpacked(function))
    right = [points(form, exercise, seed) for form in adaptations if right_on(form, exercise, seed)]
    return max(right, default=0.0)


def points(function: Callable, exercise: Exercise, seed: int = 1) -> float:
    """The most points that a function earns, with a cache and without one."""
    case_set, examples, for_shapes = _judged_with(exercise.name, seed)
    few = replace(case_set, cases=examples)  # on fewer cases it earns at least as many points
    best = 0.0
    for form in _forms(function):
        if exercise.decide_on(few, form)[0].points > best + for_shapes:
            best = max(best, exercise.decide_on(case_set, form)[0].points - for_shapes)
    return best


def right_on(function: Callable, exercise: Exercise, seed: int = 1) -> bool:
    """True if anything that a function returns is among the right values of an example."""
    examples = examples_of(exercise.name, seed)
    return _right_somewhere(
        function, ((case.fresh_arguments().values(), case) for case in examples)
    )


def right_in_order(function: Callable, order: Sequence[int], exercise: Exercise) -> bool:
    """The same of a function of some parts of the arguments, given by their places in `order`."""
    parts = _parts_of(exercise.name)
    return _right_somewhere(
        function, (([_copied(values[place]) for place in order], case) for values, case in parts)
    )


@functools.cache
def _parts_of(name):
    """The parts of the arguments of each example, in their order, and the example."""
    parameters = list(inspect.signature(EXERCISES[name].loops).parameters)
    return [
        ([value for _, value in leaves(case.fresh_arguments().values(), parameters)], case)
        for case in examples_of(name)
    ]


def _copied(value):
    return value.copy() if isinstance(value, np.ndarray) else value


def examples_of(name: str, seed: int = 1) -> tuple:
    """A case of each group of an exercise."""
    return _judged_with(name, seed)[1]


def _forms(function):
    """A function whose result is returned as it is, with a cache, and without its last parts."""
    yield function
    yield lambda *args: (function(*args), tuple(arg for arg in args if not isinstance(arg, str)))
    yield lambda *args: function(*args)[0]


def _right_somewhere(function, examples):
    """True if a function of the arguments returns some right value of an example.

    examples: (arguments, case) pairs
    """
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for number, (arguments, case) in enumerate(examples):
            try:
                with np.errstate(all="ignore"):
                    result = function(*arguments)
                    if _any_equal(list(_arrays(result)), list(_arrays(case.expected.values))):
                        return True
            except Exception:
                if number == 2:  # a function that could be right would have answered by now
                    return False
    return False


def _any_equal(arrays, expected):
    return any(
        one.shape == other.shape and np.allclose(one.astype(float), other.astype(float))
        for one in arrays
        for other in expected
    )


def _arrays(value):
    """The arrays and numbers in a result."""
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
    """The cases of an exercise, one of each group, and the points for right shapes alone."""
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
    """True if arguments of an exercise are taken apart for a function that knows no containers."""
    arguments = list(examples_of(name)[0].fresh_arguments().values())
    return len(list(leaves(arguments, [""] * len(arguments)))) > len(arguments)


def _unpacked(function):
    return lambda *args: function(*(value for _, value in leaves(args, [""] * len(args))))


def _by_name(function, exercise):
    """Each parameter gets the argument of a similar name, else the next one that is left."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of a class that is written in C
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
    """(name, value) pairs of arguments, with caches and hparameters taken apart."""
    for name, value in zip(names, values, strict=False):
        if isinstance(value, dict) and not name.startswith(("parameters", "gradients")):
            yield from value.items()
        elif isinstance(value, tuple) and name != "shape":
            yield from leaves(value, CACHE_PARTS[len(value)])
        else:
            yield name, value
