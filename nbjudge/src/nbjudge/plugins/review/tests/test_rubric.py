"""Rubric items in marking schemes, and their points."""

import pytest

from nbjudge.plugins.review.rubric import RubricItem, find_items, start_points


@pytest.mark.parametrize(
    ("line", "points", "text"),
    [
        ("- Names it (2 points)", 2, "Names it"),
        (
            "- *Any size* (2 points): no weight for each pixel",
            2,
            "*Any size*: no weight for each pixel",
        ),
        ("* [1] Names it.", 1, "Names it."),
        ("+ (0.5) Names it", 0.5, "Names it"),
        ("1. 1 point for naming it", 1, "naming it"),
        ("2) 1,5 pts: names it", 1.5, "names it"),
        ("- Names it: 1 point", 1, "Names it"),
        ("- Names it, 3 marks", 3, "Names it"),
        ("- Names it [2]", 2, "Names it"),
        ("- +1 names it", 1, "names it"),
        ("- -1: takes rows for columns", -1, "takes rows for columns"),
        ("- \u22122 points: takes rows for columns", -2, "takes rows for columns"),
        ("  - 2 P. for a nested item", 2, "a nested item"),
        ("- in two\n  lines (1 point)", 1, "in two lines"),
    ],
)
def test_an_item_says_its_points_as_people_write_them(line, points, text):
    (item,) = find_items(f"For the person who grades:\n\n{line}\n\nAnd more.")
    assert (item.points, item.text, item.own) == (points, text, False)


@pytest.mark.parametrize(
    "line",
    [
        "- Names it",
        "- 21 parameters against 291",
        "- One point for naming it",
        "Names it (2 points)",
        "- 3x3 kernels",
        "```\n- Names it (2 points)\n```",
    ],
)
def test_lines_that_are_not_items_with_points(line):
    assert find_items(line) == []


def test_an_item_keeps_its_key_until_its_text_or_points_change():
    (before,) = find_items("- Names it (2 points)")
    (same,) = find_items("Other words.\n\n-   Names it   [2 points]\n- Explains it")
    (worth_less,) = find_items("- Names it (1 point)")
    assert before.key == same.key != worth_less.key


def test_an_item_that_stands_twice_counts_once():
    assert len(find_items("- a (1 point)\n- b (1 point)\n- a (1 point)")) == 2


@pytest.mark.parametrize(("points", "start"), [([2, 3], 0), ([2, -1], 0), ([-2, -1], 4), ([], 0)])
def test_points_begin_at_0_or_where_all_items_are_deductions_at_the_full_points(points, start):
    items = [RubricItem(str(number), value, "") for number, value in enumerate(points)]
    assert start_points(items, 4) == start
