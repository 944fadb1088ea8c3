"""`nbjudge check`: its report reads at 80 columns, names notebooks, and quotes no long message."""

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from nbjudge.course import placement
from nbjudge.course.assignment import Assignment
from nbjudge.course.placement import Comparison, TestScores
from nbjudge.plugins.check import command
from nbjudge.wording import LONGEST_MESSAGE
from tests.support.engines import spec

STAYS = "AttributeError: ax is an Axes, which stays in the student's process; its attribute"
NAMES = "test_of_the_weighted_average", "test_of_the_histogram", "three"
BLANK = TestScores(0.0, 0.0)


def notebook(name, *scores, released=()):
    """Return a notebook of tests with these scores of the solution."""
    ids = NAMES[: len(scores)]
    made = replace(spec(*(("1", "test", grade_id) for grade_id in ids)), name=name)
    blank = [*released, *[BLANK] * (len(ids) - len(released))]
    pairs = dict(zip(ids, scores, strict=True)), dict(zip(ids, blank, strict=True))
    return Comparison(made, *pairs, is_compared=True)


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """A function that checks notebooks; it returns the exit status, and what is printed."""
    report = Console(file=io.StringIO(), width=80, soft_wrap=True, highlight=False)
    monkeypatch.setattr(command, "report", report)
    monkeypatch.setattr(command, "console", report)

    def run(*comparisons, slips=()):
        monkeypatch.setattr(placement, "compare_tests", lambda *_: comparisons)
        settings = SimpleNamespace(tests_in_child=True, sandbox_config=lambda *_: None)
        assignment = SimpleNamespace(
            name="ps1", coursedir=None, settings=settings, differences={}, release=tmp_path,
            forget_placement=lambda: None, slips=lambda: slips, remedy=lambda: "",
            specs={one.spec.name: one.spec for one in comparisons},
        )  # fmt: skip
        for name in assignment.specs:
            Path(tmp_path, f"{name}.ipynb").touch()
        assignment.named = Assignment.named.__get__(assignment)
        is_good = command.check(None, assignment)
        return is_good, report.file.getvalue()

    return run


def test_a_reason_is_printed_once_below_the_table(shown):
    plots = TestScores(0.0, 1.0, f"{STAYS} patches cannot be read from a test")
    is_good, text = shown(notebook("p1", plots, plots, TestScores(1.0, 1.0)))
    assert is_good
    table, _, rest = text.partition("\ntest_of_the_weighted_average, test_of_the_histogram: ")
    assert all(len(line) <= 80 for line in table.splitlines())
    assert rest.count(STAYS) == 1 and STAYS not in table
    assert "Compare numbers, strings, lists or arrays" in rest
    said = "2 of 3 tests are judged in the student's process, as in nbgrader: test_of_the_"
    assert said in rest and "inspect" not in text


def test_tests_of_several_notebooks_are_named_with_their_notebook(shown):
    lost = TestScores(0.0, 0.0, "AssertionError: no")
    moved = TestScores(0.0, 1.0, STAYS)
    given = notebook("p1", lost), notebook("p2", moved, released=[TestScores(0.0, 1.0)])
    is_good, text = shown(*given)
    assert not is_good
    assert "\np1: test_of_the_weighted_average: the instructor's solution earns 0 of 1" in text
    assert "\np2: test_of_the_weighted_average: the released notebook earns 1 as it is" in text
    assert "nbgrader: test_of_the_weighted_average (p2). The" in text


@pytest.mark.parametrize("solution", [TestScores(1.0, 1.0), TestScores(0.0, 1.0)])
def test_scores_that_differ_without_an_error_are_stated(shown, solution):
    released = TestScores(1.0, 0.0) if solution.outside else BLANK
    _, text = shown(notebook("p1", solution, released=[released]))
    outside = "released notebook earns 1" if solution.outside else "solution earns 0"
    inside = 0 if solution.outside else 1
    assert f": the {outside} outside, but {inside} in nbgrader." in text
    assert "no error" not in text


def test_a_long_message_is_cut(shown):
    long = f"ValueError: {'0.1 ' * 5000}"
    failing = replace(notebook("p2"), failures=[f"setup fails when it runs: {long}"])
    broken = replace(notebook("p3"), problem=long)
    moved, lost = TestScores(0.0, 1.0, long), TestScores(0.0, 0.0, long)
    _, text = shown(notebook("p1", moved, lost), failing, broken)
    assert text.count("... (20,0") == 4
    assert max(map(len, text.splitlines())) < LONGEST_MESSAGE + 200


def test_likely_mistakes_of_the_instructor_are_problems(shown):
    slip = "t has no code, so every submission earns 1 point for it"
    is_good, text = shown(notebook("p1", TestScores(1.0, 1.0)), slips=[slip])
    assert not is_good and f"\n{slip}.\n" in text


def test_what_a_test_missed_is_its_reason(shown):
    """The solution may earn some points outside without an error."""
    _, text = shown(notebook("p1", TestScores(0.5, 1.0, missed="a generator cannot leave it")))
    assert "\ntest_of_the_weighted_average: a generator cannot leave it. Test the values" in text
