"""Every kind of check decides the same when graded as in the notebook.

A graded check calls the function in another process, which returns values, changed arguments,
printed text, exceptions, and arguments that are returned unchanged. It does not return warnings,
the memory that a view shares with an argument, or the order of an array in memory.
"""

import functools
import itertools
import warnings
from dataclasses import replace

import numpy as np
import pytest
from tests.memory_kind import memory_kind

from exercises import EXERCISES
from nbexercise.judging.deciding import decide
from nbexercise.judging.kinds import KINDS
from nbexercise.judging.model import Check
from nbexercise.showing.report import MIME_TYPE
from tests.exercises.solutions import WRONG
from tests.exercises.solutions.kept import kept
from tests.exercises.solutions.registry import Wrong
from tests.public_tests.test_returned_types import KINDS as TYPES
from tests.public_tests.test_returned_types import OTHERS, returning
from tests.support.engines import Answer, engine_config, make_job, spec
from tests.support.in_process import InProcessEngine

SEED = 1
EXERCISES_OF_A_KIND, FUNCTIONS_OF_A_KIND = 4, 16  # at most; the small exercises first
HANDED_IN = []  # the functions to grade, which the student's cells import


def functions(name):
    """Return the functions of an exercise's known mistakes and wrong solutions, by label."""
    exercise = EXERCISES[name]
    for mistake in exercise.mistakes:
        yield mistake.name, lambda mistake=mistake: exercise.wrong_function(mistake)
    for label, entry in WRONG[name].items():
        yield label, entry.make


def found_by(kind, name):
    """Yield (label, maker, failed checks) of the functions in which a kind detects a fault."""
    case_set = EXERCISES[name].case_set(SEED)
    for label, make in functions(name):
        lost = [result for result in decide(case_set, make()).results if not result.passed]
        if any(r.check.kind == kind and not (r.waits or r.undecided) for r in lost):
            yield label, make, {result.check.name for result in lost}


def reports(handed_in):
    """Yield the report on each (exercise, function) pair, called as when graded."""
    HANDED_IN[:] = [function for _, function in handed_in]
    cells = []
    for number, (name, _) in enumerate(handed_in):
        take = f"from {__name__} import HANDED_IN\n{name} = HANDED_IN[{number}]"
        test = f"from exercises import grade\ngrade({name!r}, {name}, {SEED})"
        cells += [(take, "solution", f"s{number}"), (test, "test", f"t{number}", 100)]
    job = make_job(spec(*cells), limits={"test_seconds": 100.0, "submission_seconds": 500.0})
    with InProcessEngine() as engine:
        answer = Answer(engine.judge(engine_config(), job))
    for number, _ in enumerate(handed_in):
        outputs = answer.cell(f"t{number}")["outputs"]
        (report,) = (o["data"][MIME_TYPE] for o in outputs if MIME_TYPE in o.get("data", {}))
        yield report


def graded(handed_in):
    """Yield the failed checks of each (exercise, function) pair, called as when graded."""
    silent = [(name, without_warnings(function)) for name, function in handed_in]
    for report in reports(silent):
        yield {check["name"] for check in report.get("checks", ()) if not check["passed"]}


def without_warnings(function):
    """Return the function without its warnings, which the other process does not return."""

    @functools.wraps(function)
    def silent(*arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments)

    return silent


def compare(kind):
    """Compare a kind's decisions on correct and wrong functions here and when graded."""
    names = [n for n, e in EXERCISES.items() if kind in {check.kind for check in e.checks}]
    names = sorted(names, key=lambda name: EXERCISES[name].points)[:EXERCISES_OF_A_KIND]
    enough = FUNCTIONS_OF_A_KIND // max(1, len(names))
    wrong = [
        (name, *entry) for name in names for entry in itertools.islice(found_by(kind, name), enough)
    ]
    assert wrong, f"no known mistake and no wrong solution fails a check of the kind {kind!r}"
    right = [(name, "right", lambda e=EXERCISES[name]: e.vectorized, set()) for name in names[:1]]
    entries = right + wrong
    answers = graded([(name, make()) for name, _, make, _ in entries])
    for (name, label, _, lost), found in zip(entries, answers, strict=True):
        assert found == lost, (
            f"{name}, {label}: the notebook fails {sorted(lost)}, the graded cell {sorted(found)}: "
            "what the kind looks at does not come back (docs/contributing/exercises.md, Add a kind)"
        )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_decides_the_same_when_graded(kind):
    compare(kind)


def test_a_result_that_the_next_call_overwrites_loses_the_same_when_graded():
    names = ("softmax", "relu", "momentum_step", "dense_backward")
    functions = [(name, kept(EXERCISES[name].vectorized)) for name in names]
    for (name, function), found in zip(functions, graded(functions), strict=True):
        lost = decide(EXERCISES[name].case_set(SEED), function).results
        assert found == {result.check.name for result in lost if not result.passed} != set()


def test_values_of_any_type_are_judged_the_same_when_graded(tmp_path):
    right = {label: returning(label, tmp_path) for label in TYPES}
    masked = {
        "masked": lambda X, pad: np.ma.masked_less(EXERCISES["zero_pad"].vectorized(X, pad), 1)
    }
    wrong = masked | {
        label: lambda X, pad, change=change: change(EXERCISES["zero_pad"].vectorized(X, pad))
        for label, change in OTHERS.items()
    }
    answers = graded([("zero_pad", function) for function in (*right.values(), *wrong.values())])
    lost = dict(zip((*right, *wrong), answers, strict=True))
    for label, function in (right | wrong).items():
        results = decide(EXERCISES["zero_pad"].case_set(SEED), function).results
        assert lost[label] == {r.check.name for r in results if not r.passed}, label
        assert (lost[label] == set()) == (label in right), label


def test_a_kind_about_what_does_not_cross_to_the_grader_would_be_seen(monkeypatch):
    checks = (*EXERCISES["relu"].checks, Check("memory of its own", 1, "memory"))
    monkeypatch.setitem(EXERCISES, "relu", replace(EXERCISES["relu"], checks=checks))
    message = r"relu, .*: the notebook fails \[.*'memory of its own'.*\], the graded cell \["

    def views(arrays, arguments):
        """Only a view of an argument, or of another result, comes back as a view."""
        return ["another array"] if any(array.base is not None for array in arrays) else []

    with memory_kind(monkeypatch, views), pytest.raises(AssertionError, match=message):
        compare("memory")


def warning(Z):
    warnings.warn("this is no mistake", stacklevel=1)
    return np.maximum(Z, 0), (Z,)


def fortran_order(Z):
    return np.asfortranarray(np.maximum(Z, 0)), (Z,)


@pytest.mark.parametrize(
    ("function", "is_right"),
    [
        (warning, lambda run: not run.warned),
        (fortran_order, lambda run: run.outcome.values["A"].flags.c_contiguous),
    ],
)
def test_a_kind_about_warnings_or_the_order_in_memory_would_be_seen(
    monkeypatch, function, is_right
):
    cache = type(KINDS["cache"])
    monkeypatch.setattr(cache, "is_right", lambda self, check, run, tolerance: is_right(run))
    monkeypatch.setattr(cache, "fault", lambda *_: ["this is about something else."])
    relu_alone = {"relu": replace(EXERCISES["relu"], mistakes=())}
    monkeypatch.setattr(f"{__name__}.EXERCISES", relu_alone)
    monkeypatch.setitem(WRONG, "relu", {"this one": Wrong(lambda: function)})
    message = r"relu, this one: the notebook fails \['cache'\], the graded cell \[\]: what the kind"
    with pytest.raises(AssertionError, match=message):
        compare("cache")
