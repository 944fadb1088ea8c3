"""The estimated time of a run, from the times of earlier runs."""

import pytest

from nbjudge.course.dry_run import START, Foreseen, Plan, make_plan, seconds_with


@pytest.mark.parametrize(
    ("workers", "pieces", "expected"),
    [
        (1, [1, 2, 3], 6),
        (2, [1, 1, 2], 2),
        (2, [3, 1, 2], 3),
        (2, [5, 1, 1], 5),
        (3, [2, 2, 2, 2], 4),
        (8, [], 0),
        (100, [1.5], 1.5),
    ],
)
def test_the_longest_go_first(workers, pieces, expected):
    assert seconds_with(workers, pieces) == expected


def test_thousands_are_planned_at_once():
    assert seconds_with(16, [1.0] * 20_000) == 1250


def one(student, status="new", is_judged=True, seconds=None):
    return Foreseen(student, status, "", is_judged, seconds)


def test_the_time_is_of_what_would_be_judged():
    plan = Plan({"ps1": [one("a", seconds=4), one("b", "unchanged", False, 100)]}, 1.0)
    assert plan.seconds_with(2) == 1 + START + 4
    assert (len(plan.judged), plan.unknown) == (1, [])
    assert plan.counts("ps1") == {"new": 1, "unchanged": 1}


def test_unknown_times_are_left_out():
    plan = Plan({"ps1": [one("a")], "ps2": [one("a", seconds=4)]}, 0.0)
    assert (plan.unknown, plan.seconds_with(1)) == (["ps1"], START + 4)
    assert Plan({"ps1": [one("a")]}, 0.0).seconds_with(1) is None
    assert Plan({"ps1": [one("a", "unchanged", False)]}, 0.5).seconds_with(1) == 0.5


def test_a_plan_names_everybody_in_order():
    seen = [("ps1", one("b")), ("ps1", one("a"))]
    plan = make_plan(seen, ["ps1", "ps2"])
    assert [found.student for found in plan.foreseen["ps1"]] == ["a", "b"]
    assert plan.foreseen["ps2"] == []
