"""Where tests are judged does not depend on a single run, nor on how busy the machine was."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbjudge.course import placement
from nbjudge.course.placement import limits_in, place_tests
from nbjudge.judging.causes import explain
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.wire.requests import Cause
from tests.support.engines import cells_of, make_job, notebook_bytes, spec
from tests.support.questions import with_hidden

SPEC = spec(("1", "test", "one"), ("1", "test", "two"))
FULL, NOTHING = {"one": 1.0, "two": 1.0}, {"one": 0.0, "two": 0.0}
ONE_FAILS, TWO_FAILS = {"one": 0.0, "two": 1.0}, {"one": 1.0, "two": 0.0}


def run(scores, compared=None, missed=None):
    """Return the answer of an engine: scores outside or where the tests are, and in the child."""
    return Graded(
        notebook=b'{"cells": []}', scores=scores, compared=compared or {}, missed=missed or {}
    )


RELEASED = run(NOTHING, NOTHING)
LIMITED = Graded(
    notebook=b'{"cells": []}', scores=FULL, causes=[explain(Cause("memory limit", "3"), None)]
)


class _Course:
    """An assignment of one notebook, without a gradebook."""

    name = "ps1"
    settings = SimpleNamespace(tests_in_child=True)

    def __init__(self, questions):
        self.source, self.specs = Path("source"), {"work": questions}
        self.notebooks = {"work": json.loads(notebook_bytes(cells_of(questions)))}

    def job(self, student, spec, content, files, seed, mark, compare, fallback):
        return make_job(spec, content, seed=seed, compare=compare, fallback=fallback)

    def place(self, in_child, store):
        self.in_child, self.is_stored = in_child.get("work", []), store


class _Engine:
    """An engine that has its answers already: to the solution, the released notebook, and on."""

    def __init__(self, answers):
        self.answers, self.jobs = list(answers), []

    def judge(self, config, job):
        in_child = [cell.grade_id for cell in job.preparation.spec.cells if cell.in_child]
        self.jobs.append((in_child, job.submission.compare))
        return self.answers.pop(0)

    def processes(self):
        return []


@pytest.fixture
def placed():
    """A function that places tests by an engine's answers; it returns the assignment and jobs."""

    def place(*answers):
        assignment, engine = _Course(SPEC), _Engine(answers)
        place_tests(engine, assignment, None, 1)
        assert engine.answers == []
        return assignment, engine.jobs[2:]

    return place


def test_tests_that_stay_outside_twice_are_placed_there(placed):
    assignment, jobs = placed(run(FULL), RELEASED, run(FULL))
    assert (assignment.in_child, assignment.is_stored) == ([], True)
    assert jobs == [([], False)]


def test_one_run_both_ways_shows_that_a_test_scores_in_the_child_as_in_nbgrader(placed):
    assignment, jobs = placed(run(ONE_FAILS), RELEASED, run(FULL, FULL))
    assert (assignment.in_child, assignment.is_stored) == (["one"], True)
    assert jobs == [(["one"], True)]


def test_a_notebook_with_all_tests_in_the_child_runs_there_alone(placed):
    assignment, jobs = placed(run(NOTHING), RELEASED, run(FULL))
    assert assignment.in_child == ["one", "two"]
    assert jobs == [(["one", "two"], False)]


def test_a_test_that_fails_in_nbgrader_too_stays_outside(placed):
    assignment, jobs = placed(run(NOTHING), RELEASED, run(ONE_FAILS), run(ONE_FAILS, ONE_FAILS))
    assert assignment.in_child == ["two"]
    assert jobs == [(["one", "two"], False), (["two"], True)]
    (remark,) = [r for r in assignment.placement_remarks if "own solution" in r]
    assert "loses points, in nbgrader too: one" in remark


def test_a_test_whose_scores_differ_from_run_to_run_is_placed_in_the_child(placed):
    assignment, jobs = placed(run(FULL), RELEASED, run(TWO_FAILS), run(FULL, FULL))
    assert (assignment.in_child, assignment.is_stored) == (["two"], True)
    assert jobs == [([], False), (["two"], True)]
    (remark,) = [r for r in assignment.placement_remarks if "repeatable" in r]
    assert "differ in the scores of these tests" in remark and "process: two. Make" in remark


@pytest.mark.parametrize(
    "answers",
    [
        (LIMITED, RELEASED),
        (run(FULL), LIMITED),
        (run(FULL), RELEASED, LIMITED),
        (run(ONE_FAILS), RELEASED, LIMITED),
        (run(FULL), Unreadable("the judge ended")),
    ],
)
def test_a_run_that_met_a_limit_decides_nothing(placed, answers):
    assignment, _ = placed(*answers)
    assert (assignment.in_child, assignment.is_stored) == ([], False)
    assert "cannot be judged: " in assignment.placement_remarks[0]


@pytest.mark.parametrize(
    "evalue, traceback, line",
    [
        ("no x\nmore", [], "KeyError: no x"),
        ("", ["----> 1 assert f(1)"], "KeyError in `assert f(1)`"),
        ("", [], "KeyError in a hidden line: run the notebook in source/ to see the message"),
    ],
)
def test_an_error_of_the_solution_is_one_line(evalue, traceback, line):
    error = {"ename": "KeyError", "evalue": evalue, "traceback": traceback}
    assert placement._first_line(error) == line


def test_a_limit_of_the_instructors_notebook_is_named():
    def graded(*names):
        return Graded(
            notebook=b"", scores={}, causes=[explain(Cause(name, "3"), None) for name in names]
        )

    assert limits_in(graded("package missing")) == ""
    reason = "it met a limit, even alone (call time, memory limit)"
    assert limits_in(graded("call time", "memory limit", "package missing")) == reason


@pytest.fixture
def compared(judge):
    """A function that returns the comparison of a notebook, whose cells it gets."""

    class _Judging(_Engine):
        def judge(self, config, job):
            bench_spec = job.preparation.spec
            changes = {"compare": job.submission.compare, "fallback": job.submission.fallback}
            return judge.answer(bench_spec, job.submission.notebook, **changes)

    def compare(*parts):
        course = _Course(spec(*parts))
        (comparison,) = placement.compare_tests(_Judging([]), course, None, 1)
        return comparison

    return compare


CONNECT = "import sqlite3\ndef connect():\n    return sqlite3.connect(':memory:')"


def test_a_test_that_uses_what_another_binds_in_the_child_is_placed_there(compared):
    comparison = compared(
        (CONNECT, "solution"),
        ("con = connect()\nassert con.execute('select 1').fetchone() == (1,)", "test", "one"),
        ("def total(con):\n    return con.execute('select 3').fetchone()[0]", "solution"),
        ("assert total(con) == 3", "test", "two"),
        ("assert total(connect()) == 3", "test", "three"),
    )
    assert comparison.in_child == ["one", "two"]
    assert comparison.needed == {"two": "a test that is judged there defines con"}
    assert comparison.losing == []


def test_a_test_that_uses_what_another_changes_in_the_child_is_placed_there(compared):
    comparison = compared(
        ("seen = []", "locked"),
        (CONNECT, "solution"),
        ("seen.append(1)\nassert connect().execute('select 1')", "test", "one"),
        ("assert seen == [1]\nassert callable(connect)", "test", "two"),
    )
    assert comparison.in_child == ["one", "two"]
    assert comparison.needed == {"two": placement.CHANGED}


def test_a_test_that_an_outdated_solution_fails_is_placed_where_it_can_pass(compared):
    comparison = compared(
        ("import types\ndef fit():\n    return types.SimpleNamespace(r=0.5)", "solution"),
        ("result = fit()\nassert result.r > 0.8", "test", "one"),
    )
    assert comparison.in_child == ["one"]
    assert [test.grade_id for test in comparison.losing] == ["one"]


def test_hidden_lines_that_a_test_in_the_child_needs_are_placed_there(compared):
    comparison = compared(
        (CONNECT, "solution"),
        (f"assert callable(connect)\n{with_hidden('limit = 1')}", "test", "one"),
        ("assert connect().execute('select 1').fetchone() == (limit,)", "test", "two"),
        ("assert callable(connect)", "test", "three"),
    )
    assert comparison.in_child == ["one", "two"]
    assert comparison.needed == {"one": placement.HIDDEN}


def test_a_cell_that_lacks_a_name_of_a_test_is_no_failure(compared):
    """In nbgrader and in the child, the cell has the name."""
    comparison = compared(
        ("def f():\n    return [1, 2]", "solution"),
        ("numbers = f()\nassert numbers == [1, 2]", "test", "one"),
        ("total = sum(numbers)", "solution", "sum"),
        ("assert total == 3", "test", "two"),
        ("print(nothing)", "locked", "faulty"),
    )
    assert comparison.in_child == ["two"] and comparison.losing == []
    (failure,) = comparison.failures
    assert failure == "faulty fails when it runs: NameError: name 'nothing' is not defined"


def test_the_error_of_a_test_in_the_child_is_the_one_that_costs_its_points(compared):
    comparison = compared(
        (CONNECT, "solution"),
        ("con = connect()\ncon.execute('select 1')\nassert 1 == 2, 'not equal'", "test", "one"),
    )
    scores = comparison.solution["one"]
    assert comparison.in_child == ["one"]
    assert "stays in the student's process" in scores.error
    assert scores.error_in_child == "AssertionError: not equal"


def test_a_name_that_a_failed_cell_defines_is_not_suggested_for_itself(judge):
    questions = spec(("x = 1 / 0\ntotal = 1", "solution"), ("assert total", "test", "one"))
    assert "did you mean" not in judge(questions).shown("one")
