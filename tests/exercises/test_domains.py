"""Functions are judged only on arguments that their docstrings allow, for every internal dtype."""

import ast
import inspect
import re

import numpy as np
import pytest

from exercises import EXERCISES
from exercises.cases import WHOLE
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.defining.mistakes import compiled
from nbexercise.defining.source import function_source
from nbexercise.judging.deciding import decide
from tests.exercises.case_sets import NAMES, case_set

SEEDS = (PUBLIC_SEED, 31, 32)
each_exercise = pytest.mark.parametrize("name", NAMES)


def documented(name):
    """Return the docstring's description of each argument, including those in a cache.

    The content of a cache is described where it is made, or in the line on the cache itself.
    """
    lines = re.findall(r"^(\w+) -- (.*)$", inspect.getdoc(EXERCISES[name].loops), re.MULTILINE)
    names = [*inspect.signature(EXERCISES[name].loops).parameters]
    said = dict(lines[: len(names)])
    assert [*said] == names, f"{name}: expected a line in the docstring for each of {names}"
    if "cache" in said:
        forward = re.search(r"that (\w+) returned", said["cache"])
        said |= documented(forward[1]) if forward else {"Z": said["cache"]}
    return said


def kinds(value):
    """Return the kinds of numbers in an argument, "float" and "integer", or the quoted string."""
    if isinstance(value, dict | tuple):
        parts = value.values() if isinstance(value, dict) else value
        return set().union(*map(kinds, parts))
    if isinstance(value, str):
        return {f'"{value}"'}
    kind = np.asarray(value).dtype.kind
    return {{"f": "float", "i": "integer"}.get(kind, kind)}


@each_exercise
def test_the_docstring_says_what_the_arguments_may_hold(name):
    said = documented(name)
    for seed in SEEDS:
        for case in case_set(name, seed).cases:
            for argument, value in case.parts.items():
                for kind in kinds(value):
                    assert kind in said[argument], (argument, case.group, said[argument])


@each_exercise
def test_integers_beside_floats_are_judged_in_a_check_of_that_name_alone(name):
    said = documented(name)
    either = [argument for argument, text in said.items() if {"float", "integer"} <= _words(text)]
    for seed in SEEDS:
        for case in case_set(name, seed).cases:
            mixed = [a for a in either if a in case.parts and "integer" in kinds(case.parts[a])]
            assert bool(mixed) == (case.group == WHOLE), (case.group, mixed)
    for check in EXERCISES[name].checks:
        if either:
            assert (check.name == WHOLE) == (not check.groups or WHOLE in check.groups), check


def _words(text):
    return set(re.findall(r"\w+", text))


def lost(name, function):
    """Return the checks that a function fails, for each seed."""
    results = [r for seed in SEEDS for r in decide(case_set(name, seed), function).results]
    return {result.check.name for result in results if not result.passed}


def as_dtype(value, dtype):
    """Convert an output to another dtype."""
    if isinstance(value, np.ndarray | np.generic):
        return value.astype(dtype)
    return {k: as_dtype(v, dtype) for k, v in value.items()} if isinstance(value, dict) else value


def storing(name, dtype_of):
    """Return the correct function with outputs in a dtype that depends on the arguments."""
    right, returns = EXERCISES[name].vectorized, EXERCISES[name].returns
    names = [*inspect.signature(right).parameters]

    def stored(*arguments):
        values = right(*arguments)
        values = values if len(returns) > 1 else (values,)
        dtype = dtype_of(dict(zip(names, arguments, strict=False)))
        values = tuple(
            value if spec.form == "cache" else as_dtype(value, dtype)
            for spec, value in zip(returns, values, strict=True)
        )
        return values if len(returns) > 1 else values[0]

    return stored


def arrays(name):
    """Yield (argument, index in the cache or None) of the arrays of floats."""
    case = case_set(name).cases[0]
    for argument, value in case.arguments.items():
        places = range(len(value)) if argument == "cache" else [None]
        for place in places:
            array = value if place is None else value[place]
            if isinstance(array, np.ndarray) and array.dtype.kind == "f":
                yield argument, place


OF_ARGUMENTS = [(name, *which) for name in NAMES for which in arrays(name)]


@pytest.mark.parametrize(("name", "argument", "place"), OF_ARGUMENTS)
def test_outputs_of_an_arguments_dtype_cost_no_more_than_the_check_of_whole_numbers(
    name, argument, place
):
    """As if made by np.zeros_like(A_prev) or dtype=A_prev.dtype."""

    def dtype_of(given):
        return (given[argument] if place is None else given[argument][place]).dtype

    assert lost(name, storing(name, dtype_of)) <= {WHOLE}


def buffers(name):
    """Yield (argument, source) of correct solutions that pass an argument's dtype to np.zeros."""
    text = EXERCISES[name].solution_text()
    local = [a for a in case_set(name).cases[0].parts if a in text]
    zeros = [
        ast.get_source_segment(text, node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.zeros"
    ]
    for argument in local:
        if isinstance(case_set(name).cases[0].parts[argument], np.ndarray):
            for call in zeros:
                yield (
                    f"{argument} {call}",
                    text.replace(call, f"{call[:-1]}, dtype={argument}.dtype)"),
                )


BUFFERS = [(name, label, text) for name in NAMES for label, text in buffers(name)]


def test_there_are_buffers_enough():
    assert {name for name, _, _ in BUFFERS} >= {"conv_forward", "pool_forward", "conv_backward"}
    assert len(BUFFERS) > 20


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(n, t, id=f"{n} {m}") for n, m, t in BUFFERS]
)
def test_a_buffer_of_an_arguments_dtype_costs_no_more(name, text):
    exercise = EXERCISES[name]
    called = tuple(map(function_source, exercise.called.values()))
    function = compiled(called, tuple(exercise.given), text)[name]
    assert lost(name, function) <= {WHOLE}


@each_exercise
def test_coarse_floats_cost_nothing_and_integers_cost_points(name):
    """The fractions of outputs always count; only a mask has none."""
    assert lost(name, storing(name, lambda given: np.float32)) == set()
    returns_whole_numbers = all(
        np.all(value == np.round(value))
        for case in case_set(name).cases
        for value in case.expected.values.values()
    )
    assert bool(lost(name, storing(name, lambda given: int))) != returns_whole_numbers
