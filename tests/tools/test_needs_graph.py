"""The graph of prerequisites has the right boxes and arrows, and is up to date."""

import re
import shutil
from itertools import combinations

import pytest

from tools.course import ROOT
from tools.needs_graph import HEIGHT, WIDTH, needs_graph, shown_needs
from tools.release import build_needs_graph
from tools.syllabus import Lesson, lesson_table

LESSONS = lesson_table()
BOX = re.compile(rf'<rect(?: class="optional")? x="(-?\d+)" y="(-?\d+)" width="{WIDTH}"')


def lesson(number, *needs, title="Padding"):
    return Lesson(number, title, f"{number}_x", False, "45", list(needs), [], "Part 1")


def boxes():
    return {
        one.number: tuple(map(int, corner))
        for one, corner in zip(LESSONS, BOX.findall(needs_graph()), strict=True)
    }


def test_what_is_committed_is_what_the_table_gives(tmp_path):
    (tmp_path / "course").mkdir()
    shutil.copy(ROOT / "course/README.md", tmp_path / "course")
    build_needs_graph(tmp_path)
    drawn = (tmp_path / "course/needs.svg").read_bytes()
    assert drawn == (ROOT / "course/needs.svg").read_bytes()


def test_the_table_is_read_as_people_read_it():
    needs = {one.number: one.needs for one in LESSONS}
    assert needs["00"] == [] and needs["26"] == ["13", "18"]


def test_a_need_that_follows_from_another_is_not_drawn():
    three = [lesson("01"), lesson("02", "01"), lesson("03", "01", "02")]
    assert shown_needs(three) == [("01", "02"), ("02", "03")]


def test_every_lesson_stands_below_what_it_needs_and_no_two_boxes_touch():
    found = boxes()
    for one in LESSONS:
        assert all(found[one.number][1] > found[other][1] for other in one.needs)
    for (x, y), (other_x, other_y) in combinations(found.values(), 2):
        assert abs(x - other_x) > WIDTH or abs(y - other_y) > HEIGHT


def test_every_box_is_on_the_paper():
    width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', needs_graph())[0])
    for x, y in boxes().values():
        assert 0 <= x <= width - WIDTH and 0 <= y <= height - HEIGHT


def test_there_is_an_arrow_for_every_need_that_is_drawn():
    assert needs_graph().count('marker-end="url(#arrow)"') == len(shown_needs(LESSONS)) > 23


def test_a_lesson_that_needs_a_later_one_is_refused():
    with pytest.raises(ValueError, match="lesson 01 needs 02, which does not come before it"):
        shown_needs([lesson("01", "02"), lesson("02")])


def test_a_title_too_long_for_its_box_is_refused(tmp_path):
    (tmp_path / "course").mkdir()
    text = (ROOT / "course/README.md").read_text()
    text = text.replace("[Pooling](10", f"[{'Pooling ' * 9}](10")
    (tmp_path / "course/README.md").write_text(text)
    with pytest.raises(ValueError, match="the title of lesson 10, 'Pooling"):
        needs_graph(tmp_path)
