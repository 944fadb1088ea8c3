"""A definition that no function could pass, or that names a wrong cause, is refused by name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nbexercise.defining.exercise import Mistake, Return
from nbexercise.defining.key import Sources
from nbexercise.defining.stored import to_store
from nbexercise.judging.given import fn
from tests.value_exercises import EXERCISES, evens


def defined(name, arguments=None, **fields):
    """Return an exercise with other fields, and one case if it has other arguments."""
    if arguments:
        fields["cases"] = lambda rng: [("group", {**arguments})]
    return replace(EXERCISES[name], **fields)


class Table:
    pass


class DataFrame:
    """A table, which pandas need not be installed for."""


ARGUMENTS = [
    ({"f": abs}, "argument 'f': expected arrays, numbers, .*, got a builtin_function"),
    ({"f": lambda x: x}, r'argument \'f\': expected .*, got a function; write fn\("..."\)'),
    ({"fs": [1, len]}, r"argument 'fs\[1\]': expected .*, got a builtin_function"),
    ({"fs": [fn("x")]}, r"argument 'fs': expected .*, got lambda x: x inside; .* of its own"),
    ({"n": np.int64(3)}, r"argument 'n': expected .*, got an int64; write int\(...\)"),
    (
        {"rng": np.random.default_rng(3)},
        r"argument 'rng': expected .*, got a Generator; write stream\(seed\)",
    ),
    ({"t": DataFrame()}, r"argument 't': .*, got a DataFrame; write table\({...}\)"),
    ({"rows": range(3)}, r"argument 'rows': expected .*, got a range; write list\(...\)"),
    ({"t": {"a": [Table()]}}, r"argument \"t\['a'\]\[0\]\": expected .*, got a Table"),
]


@pytest.mark.parametrize(("arguments", "message"), ARGUMENTS)
def test_an_argument_that_cannot_be_stored_is_refused(arguments, message):
    message = f"^exercise 'trapezoid', case group 'group', {message}"
    with pytest.raises(TypeError, match=message):
        defined("trapezoid", arguments).case_set()


@pytest.mark.parametrize(
    ("name", "returns", "message"),
    [
        ("caesar", Return("shifted"), "returned a str for shifted; expected a NumPy array"),
        (
            "word_counts",
            Return("counts", "number"),
            "returned a dict for counts; expected a single",
        ),
        ("derivative", Return("slope", "value"), "returned a function for slope; expected numbers"),
        ("evens", Return("numbers", "value"), "returned a generator for numbers; expected numbers"),
        ("estimate", Return("pi", "table"), "returned a float64 for pi; expected a DataFrame"),
    ],
)
def test_a_right_function_that_could_not_pass_is_refused(name, returns, message):
    group = next(iter(EXERCISES[name].cases(np.random.default_rng(0))))[0]
    message = f"^exercise '{name}', case group '{group}': the right function .*{message}"
    exercise = defined(name, returns=(returns,), vectorized=EXERCISES[name].loops)
    with pytest.raises(ValueError, match=message):
        exercise.case_set()


def test_a_class_is_refused_where_an_object_is_no_value():
    exercise = defined("Stack", {"calls": []}, returns=(Return("stack", "value"),))
    exercise = replace(exercise, vectorized=lambda calls: EXERCISES["Stack"].loops())
    with pytest.raises(ValueError, match="the right function returned a Stack for stack; expected"):
        exercise.case_set()


def test_a_right_function_that_always_returns_none_is_refused():
    message = "exercise 'caesar': the right function returns None in every case"
    with pytest.raises(ValueError, match=message):
        defined("caesar", vectorized=lambda text, shift: None).case_set()


def test_a_mistake_without_its_imports_is_refused():
    mistake = Mistake("ten", {"start += 2": "start += two"}, (), "Ten bins.", "Look.")
    exercise = defined("evens", mistakes=(mistake,), loops=evens)
    message = "exercise 'evens', mistake 'ten': .* it raised NameError: name 'two' is not defined"
    with pytest.raises(ValueError, match=message):
        to_store(exercise, Sources(Path("."), ("tests",)))


def test_a_solution_may_use_the_modules_of_its_own_module():
    sines = EXERCISES["sines"]
    diagnosis = sines.judge(sines.wrong_function(sines.mistakes[0]), 3)
    assert diagnosis.problem is None
