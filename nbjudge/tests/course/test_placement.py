"""Where tests are judged does not depend on a single run, nor on how busy the machine was."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbjudge.course import placement
from nbjudge.course.placement import Comparison, TestScores, limits_in, place_tests
from nbjudge.judging.causes import explain
from nbjudge.judging.messages import Graded
from nbjudge.wire.requests import Cause
from tests.support.engines import cells_of, make_job, notebook_bytes, spec
from tests.support.questions import with_hidden

SPEC = spec(("1", "test", "one"), ("1", "test", "two"))
STAYS, MOVES = TestScores(1.0, 1.0), TestScores(0.0, 1.0)
BLANK = {"one": TestScores(0.0, 0.0), "two": TestScores(0.0, 0.0)}
OUTSIDE = Comparison(SPEC, {"one": STAYS, "two": STAYS}, BLANK)
ONE_MOVES = Comparison(SPEC, {"one": MOVES, "two": STAYS}, BLANK)
TWO_MOVES = Comparison(SPEC, {"one": STAYS, "two": MOVES}, BLANK)
FAILED = Comparison(SPEC, problem="it met a limit", has_failed=True)


class _Assignment:
    name = "ps1"
    settings = SimpleNamespace(tests_in_child=True)

    def place(self, in_child, store):
        self.in_child, self.is_stored = in_child.get("work", []), store


@pytest.fixture
def placed(monkeypatch):
    """A function that places tests by the results of the runs; it returns the assignment."""

    def place(*runs):
        coming = [[run] for run in runs]
        monkeypatch.setattr(placement, "compare_tests", lambda *_: coming.pop(0))
        assignment = _Assignment()
        place_tests(None, assignment, None)
        assert coming == []
        return assignment

    return place


@pytest.mark.parametrize(("run", "in_child"), [(OUTSIDE, []), (ONE_MOVES, ["one"])])
def test_what_two_runs_agree_on_is_stored(placed, run, in_child):
    assignment = placed(run, run)
    assert (assignment.in_child, assignment.is_stored) == (in_child, True)


@pytest.mark.parametrize(
    ("runs", "in_child", "named"),
    [
        ((OUTSIDE, ONE_MOVES), ["one"], "one"),
        ((ONE_MOVES, OUTSIDE), ["one"], "one"),
        ((ONE_MOVES, TWO_MOVES), ["one", "two"], "one, two"),
    ],
)
def test_what_two_runs_disagree_on_is_not_stored(placed, runs, in_child, named):
    """A right solution loses nothing meanwhile."""
    assignment = placed(*runs)
    assert (assignment.in_child, assignment.is_stored) == (in_child, False)
    (remark,) = [r for r in assignment.placement_remarks if "disagree" in r]
    assert f"which this run judges them: {named}. Make" in remark


@pytest.mark.parametrize("runs", [(FAILED, ONE_MOVES), (ONE_MOVES, FAILED), (FAILED, FAILED)])
def test_a_run_that_met_a_limit_decides_nothing(placed, runs):
    assignment = placed(*runs)
    assert not assignment.is_stored
    assert assignment.in_child == ([] if runs[0] is runs[1] else ["one"])
    assert not any("disagree" in remark for remark in assignment.placement_remarks)


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
        return Graded(b"", {}, [], [], [], [explain(Cause(name, "3"), None) for name in names])

    assert limits_in(graded("package missing")) == ""
    reason = "it met a limit, even alone (call time, memory limit)"
    assert limits_in(graded("call time", "memory limit", "package missing")) == reason


class _Course:
    """An assignment of one notebook, without a gradebook."""

    def __init__(self, questions):
        self.source, self.specs = Path("source"), {"work": questions}
        self.notebooks = {"work": json.loads(notebook_bytes(cells_of(questions)))}

    def job(self, student, spec, content, files, seed, mark, compare, fallback):
        return make_job(spec, content, seed=seed, compare=compare, fallback=fallback)


@pytest.fixture
def compared(judge):
    """A function that returns the comparison of a notebook, whose cells it gets."""

    class _Engine:
        def judge(self, config, job):
            bench_spec = job.preparation.spec
            changes = {"compare": job.submission.compare, "fallback": job.submission.fallback}
            return judge.answer(bench_spec, job.submission.notebook, **changes)

        def processes(self):
            return []

    def compare(*parts):
        course = _Course(spec(*parts))
        (comparison,) = placement.compare_tests(_Engine(), course, None, 1)
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
