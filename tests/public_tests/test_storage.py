"""The stored cases: keyed by definition, never by digits; a faithful round trip; no pickles."""

import functools
import json
import re
import shutil
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy

import nbexercise
import public_tests
from exercises import EXERCISES, SOURCES
from nbexercise.defining.exercise import Exercise
from nbexercise.defining.key import definition_key
from nbexercise.defining.source import BEGIN, END, function_source
from nbexercise.defining.stored import ROUNDINGS, dump_case_set, to_store
from nbexercise.judging.comparing import agree, close, signature
from nbexercise.judging.model import CallOutcome, Case, KnownMistake, Problem, Signature
from nbexercise.judging.storage import load_case_set
from tests.exercises.case_sets import arrays

FOLDER = Path(public_tests.__file__).parent
DRAWING = "nbexercise/src/nbexercise/defining/cases.py"
STORED = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("cases/*"))}

each_exercise = pytest.mark.parametrize("name", EXERCISES)


@functools.cache
def built(name):
    return EXERCISES[name].case_set()


@functools.cache
def loaded(name):
    return load_case_set(STORED[name])


def same(a, b):
    """True if two case sets, or parts of them, are equal: types, shapes, dtypes, order, nan.

    Numbers in outcomes are compared to the number of digits stored.
    """
    if isinstance(b, np.ndarray):
        finite = np.isfinite(b)
        return (a.dtype, a.shape) == (b.dtype, b.shape) and (
            np.array_equal(a[~finite], b[~finite], equal_nan=True)
            and np.allclose(a[finite], b[finite], rtol=ROUNDINGS * np.finfo(float).eps, atol=0)
            if b.dtype == float
            else np.allclose(a, b, rtol=ROUNDINGS * np.finfo("f4").eps, atol=0)
        )
    if is_dataclass(b):
        return type(a) is type(b) and all(
            same(getattr(a, field.name), getattr(b, field.name)) for field in fields(b)
        )
    if isinstance(b, tuple):
        return type(a) is tuple and len(a) == len(b) and all(map(same, a, b))
    if hasattr(b, "keys"):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in b)
    return type(a) is type(b) and a == b


# Keyed by definition


def refuse(*_):
    raise AssertionError("the stored cases were computed though the definition is the same")


@each_exercise
def test_nothing_is_computed_of_a_definition_that_is_stored(name, monkeypatch):
    # After a change in exercises/ or convnet/: make release.
    monkeypatch.setattr(Exercise, "case_set", refuse)
    monkeypatch.setattr(np.random, "default_rng", refuse)
    assert to_store(EXERCISES[name], SOURCES, STORED[name]) == STORED[name]


def test_other_digits_on_another_machine_do_not_change_what_is_stored(monkeypatch):
    name, usual = "sigmoid", dump_case_set(built("sigmoid"))
    exact = np.exp, np.sum, np.matmul
    for called, function in zip(("exp", "sum", "matmul"), exact, strict=True):

        def off(*args, function=function, **kwargs):
            return function(*args, **kwargs) * (1 + 1e-9)

        monkeypatch.setattr(np, called, off)
    assert dump_case_set(EXERCISES[name].case_set()) != usual, "the digits are others"
    for name, exercise in EXERCISES.items():
        assert to_store(exercise, SOURCES, STORED[name]) == STORED[name]


def test_an_edited_definition_gives_other_bytes():
    exercise = replace(EXERCISES["relu"], title="Another title")
    assert to_store(EXERCISES["relu"], SOURCES) == STORED["relu"]
    other = STORED["relu"].replace(b'{"key":"', b'{"key":"0', 1)
    assert to_store(exercise, SOURCES, other) != STORED["relu"]
    assert b"Another title" in to_store(exercise, SOURCES, other)


@functools.cache
def key(name):
    """Return the current key of an exercise."""
    return definition_key(name, "1", SOURCES)


@pytest.mark.parametrize(
    ("file", "old", "new", "concerned"),
    [
        ("exercises/relu.py", "ReLU", "Relu", {"relu"}),
        ("exercises/relu.py", 'terms=("ReLU"', 'terms=("Relu"', set()),  # of its page
        ("exercises/relu.py", '"""relu: keep positive', '"""relu: keep all positive', set()),
        # Annotations of arguments, results and variables, and definitions that only annotations
        # use.
        (
            "exercises/relu_backward.py",
            "(rng: Rng) -> Cases:",
            "(rng: Drawn) -> list[Drawn]:",
            set(),
        ),
        (DRAWING, "    size = ", "    size: int = ", set()),
        (DRAWING, "Cases = Iterator[Drawn]", "Cases = list[Drawn]", set()),
        # A vectorized implementation in a module that nearly all exercises use.
        (
            "exercises/vectorized.py",
            "def distribute_value(dz",
            "def distribute_value( dz",
            {"distribute_value"},
        ),
        ("exercises/vectorized.py", "def lenet_gradients(X", "def lenet_gradients( X", set()),
        # The random number generator, and the code that turns a definition into cases.
        (DRAWING, "def exact_fractions(rng", "def exact_fractions( rng", None),
        (
            "nbexercise/src/nbexercise/defining/exercise.py",
            "def _cases(self, rng: Rng)",
            "def _cases(self, rng: Rng, )",
            set(),
        ),
        # Code that two exercises share, a module's constant, and a module imported by name.
        ("exercises/windows.py", "steps down", "strides down", None),
        ("exercises/pool_forward.py", "MEAN_1, ", "MEAN_1,  ", {"pool_forward", "pool_backward"}),
    ],
)
def test_the_key_follows_what_a_definition_uses_and_nothing_else(
    tmp_path, monkeypatch, file, old, new, concerned
):
    for package in ("exercises", "convnet", "nbexercise/src"):
        shutil.copytree(SOURCES.root / package, tmp_path / package)
    monkeypatch.setattr("nbexercise.defining.key.DRAWING", tmp_path / DRAWING)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    copy = replace(SOURCES, root=tmp_path)
    changed = {name for name in EXERCISES if definition_key(name, "1", copy) != key(name)}
    if concerned is None:
        assert {"conv_forward", "pool_forward"} <= changed < set(EXERCISES)
    else:
        assert changed == concerned


def test_the_key_depends_on_the_version_of_the_format_and_on_no_other_exercise(tmp_path):
    assert len({key(name) for name in EXERCISES}) == len(EXERCISES)
    assert key("relu") != definition_key("relu", "2", SOURCES)
    for package in SOURCES.packages:
        shutil.copytree(SOURCES.root / package, tmp_path / package)
    copy = replace(SOURCES, root=tmp_path)
    (tmp_path / "exercises" / "another.py").write_text("EXERCISE = None\n")
    for name in EXERCISES:
        assert definition_key(name, "1", copy) == key(name)


@each_exercise
def test_what_is_stored_agrees_with_the_definition(name):
    """Otherwise raise FORMAT in `nbexercise.defining.stored`, unless the file was edited."""
    stored, case_set = loaded(name), built(name)
    for field in fields(case_set):
        if field.name not in ("cases", "depends", "fresh"):  # the first two in tests/exercises
            assert getattr(stored, field.name) == getattr(case_set, field.name)
    for one, other in zip(stored.fresh, case_set.fresh, strict=True):
        assert same(one.arguments, other.arguments)
        assert agree(one.expected, other.expected, case_set.tolerance)
    assert len(stored.cases) == len(case_set.cases)
    for mine, case in zip(stored.cases, case_set.cases, strict=True):
        assert mine.group == case.group
        assert list(mine.arguments) == list(case.arguments)
        for kept, drawn in zip(arrays(mine.arguments), arrays(case.arguments), strict=True):
            assert (kept.dtype, kept.shape) == (drawn.dtype, drawn.shape)
            assert kept.tobytes() == drawn.tobytes()
        assert same(mine.arguments, case.arguments) and same(mine.optional, case.optional)
        assert agree(mine.expected, case.expected, case_set.tolerance)
        for output, right in case.expected.values.items():
            assert mine.expected.values[output].dtype == right.dtype
        assert list(mine.mistaken) == list(case.mistaken)
        for mistake, outcome in case.mistaken.items():
            kept = mine.mistaken[mistake]
            assert outcome.values.keys() == kept.values.keys()
            assert outcome.repeatable == kept.repeatable
            assert agree(outcome, kept, case_set.tolerance), mistake


def test_a_wrong_expected_output_would_be_seen():
    case_set = built("conv_forward")
    *cases, last = case_set.cases
    values = {"Z": last.expected.values["Z"] * (1 + 1e-8)}
    wrong = replace(last, expected=replace(last.expected, values=values))
    stored = load_case_set(dump_case_set(replace(case_set, cases=(*cases, wrong))))
    assert not agree(stored.cases[-1].expected, last.expected, case_set.tolerance)


# Signatures


@each_exercise
def test_mistakes_with_other_outcomes_have_other_signatures_and_none_is_that_of_a_right_one(name):
    for mine, case in zip(loaded(name).cases, built(name).cases, strict=True):
        tolerance = built(name).tolerance
        names = [
            mistake
            for mistake, outcome in case.mistaken.items()
            if outcome.repeatable and not outcome.problem
        ]
        outcomes = [case.mistaken[mistake] for mistake in names]
        stored = [mine.mistaken[mistake] for mistake in names]
        for outcome in (*outcomes, case.expected):
            for other, kept in zip(outcomes, stored, strict=True):
                assert agree(outcome, kept, tolerance) == agree(outcome, other, tolerance)
        for outcome, kept in zip(outcomes, stored, strict=True):
            for output, array in outcome.values.items():
                if isinstance(kept.values[output], Signature):
                    right = case.expected.values[output]
                    assert close(kept.values[output], right, tolerance) == close(
                        array, right, tolerance
                    )


def test_a_signature_tells_what_a_comparison_of_all_numbers_tells():
    rng = np.random.default_rng(0)
    array = rng.normal(size=(2, 5, 7, 3))
    changes = {
        "one number": np.where(np.arange(array.size).reshape(array.shape) == 17, 1e-6, 0) + array,
        "order": array[:, ::-1],
        "axes": array.transpose(0, 2, 1, 3),
        "two numbers exchanged": array.ravel()[[1, 0, *range(2, array.size)]].reshape(array.shape),
        "sign": -array,
        "shape": array.reshape(2, 7, 5, 3),
        "nan": np.where(array == array.max(), np.nan, array),
        "infinity": np.where(array == array.max(), np.inf, array),
        "another infinity": np.where(array == array.max(), -np.inf, array),
        "none": array + 1e-13,
    }
    for kept in changes.values():
        for what, other in changes.items():
            exact = agree(CallOutcome({"Z": other}), CallOutcome({"Z": kept}), 1e-9)
            assert (
                agree(CallOutcome({"Z": other}), CallOutcome({"Z": signature(kept)}), 1e-9) == exact
            ), what
            if np.isfinite(other).all():
                assert close(signature(kept), other, 1e-9) == close(kept, other, 1e-9), what


def test_signatures_keep_the_form_of_a_number_the_kind_of_a_mask_and_the_precision():
    number, axes = np.array(0.3), np.full((1, 1, 1), 0.3)
    assert not agree(CallOutcome({"Z": number}), CallOutcome({"Z": signature(axes)}), 1e-9)
    assert close(signature(axes), number, 1e-9) and not close(signature(axes), number + 1, 1e-9)
    mask = np.array([True, False, True])
    assert agree(CallOutcome({"Z": mask}), CallOutcome({"Z": signature(mask)}), 1e-9)
    assert not agree(CallOutcome({"Z": ~mask}), CallOutcome({"Z": signature(mask)}), 1e-9)
    assert close(signature(axes.astype("f4")), axes, 1e-9)
    assert not close(signature(axes.astype("f4").astype(float)), axes, 1e-9)
    empty = np.zeros((2, 0))
    assert agree(CallOutcome({"Z": empty}), CallOutcome({"Z": signature(empty)}), 1e-9)
    large = np.array([1e300, -1e308])
    assert agree(CallOutcome({"Z": large}), CallOutcome({"Z": signature(large)}), 1e-9)
    assert not agree(CallOutcome({"Z": large[::-1]}), CallOutcome({"Z": signature(large)}), 1e-9)


def test_the_weights_of_a_signature_are_the_same_on_every_machine():
    # The first numbers of SplitMix64 for seed 0 are 0xE220A8397B1DCDAF and 0x6E789E6AA1B965F4.
    first, second = 0.5 + (0xAF % 128) / 256, 0.5 + (0xF4 % 128) / 256
    expected = -first / 2**0.5 * 2**28, second / 2**0.5 * 2**12
    assert signature(np.array([1.0, 0.0])).sums == tuple(map(round, expected))


# The files


def test_the_stored_problems_hold_no_traceback_and_no_path():
    for name in EXERCISES:
        for case in loaded(name).cases:
            problems = [o.problem for o in case.mistaken.values() if o.problem]
            assert all(problem.text == "" for problem in problems)
            assert not any("/" in problem.key for problem in problems)


@each_exercise
def test_dumping_what_was_loaded_gives_the_same_bytes(name):
    key = json.loads(STORED[name].partition(b"\n")[0])["key"]
    assert dump_case_set(loaded(name), key) == STORED[name]


def test_every_kind_of_value_survives():
    values = {
        "empty": np.zeros((2, 0, 3)),
        "number": np.array(1 / 3),
        "mask": np.array([[True, False]]),
        "small": np.array([1, 200], np.uint8),
        "short": np.array([0.1], np.float32),
        "not finite": np.array([np.nan, np.inf, -np.inf, -0.0]),
        "long": np.array([0.1, 1e300, 5e-324]),
        "fractions": np.array([1.25, -3.5]),
        "ninths": np.arange(12.0).reshape(3, 4) / 9,
    }
    arguments = {"tuple": (1, (2.5, "three"), values["mask"]), "flag": True, "nothing": None}
    case = Case(
        "group",
        {"hparameters": {"stride": 2}, **values, **arguments},
        CallOutcome(values, cache="what is wrong", changed=("a", "b")),
        {
            "raises": CallOutcome(problem=Problem("error", "ValueError: é", "two\nlines")),
            "random": CallOutcome({"Z": signature(values["long"])}, repeatable=False),
            "partly right": CallOutcome(
                {"Z": signature(values["not finite"]), "mask": values["mask"]}
            ),
        },
    )
    mistakes = tuple(KnownMistake(name, "What.", "Why?") for name in case.mistaken)
    case_set = replace(built("relu"), cases=(case,), mistakes=mistakes)
    data = dump_case_set(case_set)
    assert same(load_case_set(data), case_set)
    assert dump_case_set(load_case_set(data)) == data


def test_arguments_are_stored_to_the_last_bit():
    exact = np.array([0.1, 1 / 3, -0.0, 2 / 9, 1e-300])
    case = replace(built("relu").cases[0], arguments={"Z": exact}, mistaken={})
    (found,) = load_case_set(
        dump_case_set(replace(built("relu"), cases=(case,), mistakes=()))
    ).cases
    assert found.arguments["Z"].tobytes() == exact.tobytes()


@given(
    array=numpy.arrays(
        st.sampled_from(["f8", "f4", "i4", "u1", "?"]),
        numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
@settings(max_examples=200)
def test_arguments_of_any_kind_shape_and_size_come_back(array):
    case = replace(built("relu").cases[0], arguments={"Z": array}, mistaken={})
    stored = dump_case_set(replace(built("relu"), cases=(case,), mistakes=()))
    back = load_case_set(stored).cases[0].arguments["Z"]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


def test_the_loaded_arrays_of_one_case_do_not_share_memory_with_anothers():
    case_set = load_case_set(STORED["conv_forward"])
    first = case_set.cases[0].fresh_arguments()
    first["A_prev"][...] = 0
    assert case_set.cases[0].arguments["A_prev"].any()


def solution_lines(name):
    """Return the lines between the solution markers, without spaces, comments and trivial lines."""
    text = function_source(EXERCISES[name].loops, markers=True)
    inside = text.split(BEGIN)[1].split(END)[0]
    bare = (re.sub(r"\s+|#.*", "", line) for line in inside.splitlines())
    return {line for line in bare if len(line) > 8}


@pytest.mark.parametrize("name", EXERCISES)
def test_no_line_of_a_solution_is_in_the_package(name):
    texts = [data.partition(b"\n")[0].decode() for data in STORED.values()]
    assert json.loads(texts[0])["case_set"]["checks"]
    packages = (FOLDER, Path(nbexercise.__file__).parent)
    texts += [path.read_text() for folder in packages for path in folder.rglob("*.py")]
    squeezed = [re.sub(r"\s+", "", text) for text in texts]
    lines = solution_lines(name)
    assert lines
    found = {line for line in lines for text in squeezed if line in text}
    assert not found
