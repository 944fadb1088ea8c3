"""The engine with the exercises of this course: what it reads, changes and leaves alone."""

import copy
import functools
import inspect
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from exercises import EXERCISES, SOURCES
from nbexercise.checks import CASE_SETS
from nbexercise.defining.stored import to_store
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.repairs.changes import ALSO, CHANGE, PASSES, changes_of
from nbexercise.judging.calling import CaseRun
from nbexercise.judging.comparing import COMPARED
from nbexercise.judging.deciding import decide
from nbexercise.judging.kinds import KINDS, Kind
from nbexercise.judging.model import CallOutcome, Problem
from tests.exercises.case_sets import case_set
from tests.exercises.solutions import RIGHT, WRONG


def spoilt(value):
    """Change an argument in every possible position."""
    if isinstance(value, np.ndarray) and value.flags.writeable:
        value[...] = 1
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    ):
        if isinstance(item, (np.ndarray, dict)):
            spoilt(item)
    if isinstance(value, dict):
        value.update({key: item + 1 for key, item in value.items() if isinstance(item, int)})


@pytest.mark.parametrize("name", EXERCISES)
def test_what_a_function_does_to_its_arguments_ends_with_its_call(name):
    """Otherwise the next function, a correct one, would be judged on other cases."""
    right = EXERCISES[name].vectorized

    def spoiling(*arguments):
        answer = right(*copy.deepcopy(arguments))
        for value in arguments:
            if isinstance(value, (np.ndarray, dict, tuple)):
                spoilt(value)
        return answer

    public = CASE_SETS[name]
    judge(public, spoiling)
    EXERCISES[name].judge(spoiling, seed=1)
    assert judge(public, right).passed


def _solutions():
    """Yield the exercise, the function and its source for correct solutions that are functions."""
    for name, solutions in RIGHT.items():
        for function in [*solutions.values()][:1]:
            if inspect.isfunction(function) and not function.__closure__:
                source = textwrap.dedent(inspect.getsource(function))
                yield name, function, source[source.index("def ") :]


def test_solutions_without_a_change_give_the_same():
    compared = 0
    for name, function, source in _solutions():
        changes = changes_of(source, {})
        if changes is None:
            continue
        space = dict(function.__globals__)
        exec(compile(changes.source(changes.all), "<changed>", "exec"), space)
        space |= {CHANGE: 0, ALSO: 0, PASSES: 10**6}
        case = case_set(name).cases[0]
        results = [f(*case.fresh_arguments().values()) for f in (function, space[changes.name])]
        np.testing.assert_equal(*results)
        compared += 1
    assert compared > 15


def test_what_is_stored_follows_the_fields_that_the_checks_name(monkeypatch):
    relu = EXERCISES["relu"]
    stored = to_store(relu, SOURCES)
    assert to_store(relu, SOURCES, stored) == stored
    monkeypatch.setattr(type(KINDS["cache"]), "fields", ("repeatable",))
    key, other = (data.partition(b",")[0] for data in (stored, to_store(relu, SOURCES, stored)))
    assert key != other


class Watched:
    """An outcome that records its attributes that are read."""

    def __init__(self, outcome, read):
        self._outcome, self._read = outcome, read

    def __getattr__(self, name):
        self._read.add(name)
        return getattr(self._outcome, name)


PROBLEM = CallOutcome(problem=Problem("error", "ValueError", "raised ValueError"))
EXERCISES_OF_A_KIND = 4  # at most; the small ones first


def functions(exercise):
    """Yield a correct function of an exercise and many wrong ones."""
    yield exercise.vectorized
    yield from map(exercise.wrong_function, exercise.mistakes)
    yield from (entry.make() for entry in WRONG[exercise.name].values())


@functools.cache
def runs_of(name):
    """Return the first two calls of each function of an exercise; no kind of check affects them."""
    cases = EXERCISES[name].case_set()
    decided = (decide(cases, function) for function in functions(EXERCISES[name]))
    return [run for verdict in decided for run in verdict.runs[:2]]


def looked_at_by(name):
    """Return the attributes of outcomes that a kind reads, for correct and wrong functions."""
    kind, read = KINDS[name], set()

    def ask(check, run, tolerance):
        watched = replace(run, outcome=Watched(run.outcome, read))
        kind.undecided(watched.outcome)
        if not run.outcome.problem and not kind.is_right(check, watched, tolerance):
            kind.fault(check, watched, tolerance)

    kind.undecided(Watched(PROBLEM, read))
    with_it = [e for e in EXERCISES.values() if name in {check.kind for check in e.checks}]
    for exercise in sorted(with_it, key=lambda exercise: exercise.points)[:EXERCISES_OF_A_KIND]:
        check = next(check for check in exercise.checks if check.kind == name)
        for run in runs_of(exercise.name):
            ask(check, run, exercise.tolerance)
    return read


def assert_complete(name):
    """Assert that a kind has both methods and declares the fields that it reads."""
    for method in ("is_right", "fault"):
        own = getattr(type(KINDS[name]), method) is not getattr(Kind, method)
        assert own, f"{name} has no `{method}`"
    unnamed = looked_at_by(name) - {"values", *COMPARED, *KINDS[name].fields}
    assert not unnamed, f"{name} looks at {', '.join(sorted(unnamed))}: name it in `fields`"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_names_every_field_that_it_looks_at(name):
    assert_complete(name)


def reads_dtypes(monkeypatch, method):
    """Make the kind about the cache read the dtypes in one of its methods."""
    cache = type(KINDS["cache"])
    asked = getattr(cache, method)

    def reading(self, *arguments):
        for argument in arguments:
            outcome = argument.outcome if isinstance(argument, CaseRun) else argument
            getattr(outcome, "dtypes", None)
        return asked(self, *arguments)

    monkeypatch.setattr(cache, method, reading)


@pytest.mark.parametrize("method", ["is_right", "fault", "undecided"])
def test_a_kind_that_looks_at_what_it_does_not_name_would_be_seen(monkeypatch, method):
    reads_dtypes(monkeypatch, method)
    with pytest.raises(AssertionError, match="^cache looks at dtypes: name it in `fields`"):
        assert_complete("cache")
    monkeypatch.setattr(type(KINDS["cache"]), "fields", ("dtypes",))
    assert_complete("cache")


@pytest.mark.parametrize("method", ["is_right", "fault"])
def test_a_method_that_a_kind_lacks_would_be_seen(monkeypatch, method):
    monkeypatch.delattr(type(KINDS["cache"]), method)
    with pytest.raises(AssertionError, match=f"^cache has no `{method}`"):
        assert_complete("cache")
