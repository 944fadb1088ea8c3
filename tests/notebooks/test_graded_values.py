"""Functions that take and return more than arrays earn the same in the notebook and when graded."""

import pytest

import exercises
from exercises.stored import dump_case_set
from public_tests.diagnosis.diagnose import judge
from public_tests.diagnosis.explanation import explain
from public_tests.judging.storage import load_case_set
from public_tests.showing.report import MIME_TYPE
from public_tests.showing.text import describe
from tests.exercises.value_exercises import EXERCISES, FUNCTIONS
from tests.support.engines import Answer, engine_config, make_job, spec
from tests.support.in_process import InProcessEngine

SEED = 1
FUNCTIONS_IN = "tests.exercises.value_exercises"
each = pytest.mark.parametrize(
    ("name", "function", "lost"),
    [(name, function, lost) for name, _, function, lost in FUNCTIONS],
    ids=[f"{name}-{label}" for name, label, *_ in FUNCTIONS],
)


def lost_by(verdict):
    return {result.check.name for result in verdict.results if not result.passed}


@each
def test_a_function_loses_the_same_by_new_and_by_stored_cases(name, function, lost):
    exercise = EXERCISES[name]
    stored = judge(load_case_set(dump_case_set(exercise.case_set())), function)
    assert lost_by(stored) == lost, describe(explain(stored))
    new = exercise.judge(function, SEED)
    assert lost_by(new) == lost, describe(explain(new))


@pytest.mark.parametrize("name", [n for n in EXERCISES if n != "estimate"])
def test_each_mistake_is_named(name):
    for mistake in EXERCISES[name].mistakes:
        diagnosis = EXERCISES[name].judge(EXERCISES[name].wrong_function(mistake), SEED)
        assert diagnosis.mistake and diagnosis.mistake.name == mistake.name


def test_functions_lose_the_same_when_graded(monkeypatch):
    cells = []
    for number, (name, *_) in enumerate(FUNCTIONS):
        take = f"from {FUNCTIONS_IN} import FUNCTIONS\n{name} = FUNCTIONS[{number}][2]"
        test = f"from exercises import grade\ngrade({name!r}, {name}, {SEED})"
        cells += [(take, "solution", f"s{number}"), (test, "test", f"t{number}", 4)]
    for name, exercise in EXERCISES.items():
        monkeypatch.setitem(exercises.EXERCISES, name, exercise)
    job = make_job(spec(*cells), limits={"test_seconds": 100.0, "submission_seconds": 500.0})
    with InProcessEngine() as engine:
        answer = Answer(engine.judge(engine_config(), job))
    for number, (name, label, _, lost) in enumerate(FUNCTIONS):
        outputs = answer.cell(f"t{number}")["outputs"]
        reports = [o["data"][MIME_TYPE] for o in outputs if MIME_TYPE in o.get("data", {})]
        assert reports, f"{name}, {label}: {outputs}"
        checks = reports[0].get("checks", [])
        out_of = sum(check.points for check in EXERCISES[name].checks)
        found = {check["name"] for check in checks if not check["passed"]}
        written = reports[0].get("kind") != "not written"
        assert not written or found == lost, f"{name}, {label}: {reports[0]}"
        assert (reports[0]["points"] == out_of) == (not lost), f"{name}, {label}: {reports[0]}"
