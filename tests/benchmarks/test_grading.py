"""A benchmark that times nbgrader alone compares the points first."""

from pathlib import Path

import pytest

from benchmarks.engine import grading
from benchmarks.engine.grading import check_points

POINTS = {"ada": 5.0, "ben": 0.0}
TIMED = "remove_nbjudge("  # a benchmark's call: nbgrader alone grades what follows


def test_equal_points_are_accepted():
    check_points("stock", POINTS, POINTS)


@pytest.mark.parametrize(
    "points, message",
    [
        ({"ada": 0.0, "ben": 0.0}, "nobody earns a point"),
        ({}, "nobody earns a point"),
        ({"ada": 4.0, "ben": 0.0}, "ada: 4.0, not 5.0"),
        ({"ada": 5.0}, "ben: None, not 0.0"),
        (POINTS | {"cid": 1.0}, "cid: 1.0, not None"),
    ],
)
def test_other_points_end_the_benchmark(points, message):
    with pytest.raises(SystemExit, match=message):
        check_points("stock", points, POINTS)


def test_every_benchmark_that_times_nbgrader_alone_compares_the_points():
    texts = {path.name: path.read_text() for path in Path(grading.__file__).parent.glob("*.py")}
    timed = {name for name, text in texts.items() if TIMED in text}
    assert timed == {"grading.py"}
    assert all("check_points(" in texts[name] for name in timed)


def test_a_run_whose_tests_fail_for_right_work_is_not_timed(tmp_path, monkeypatch):
    """The first engine's points are the expected ones, so an engine that grades nothing is seen."""
    (tmp_path / "course").mkdir()
    monkeypatch.setattr(grading, "make_course", lambda *_: tmp_path / "course")
    monkeypatch.setattr(grading, "measure", lambda *_: ((1.0, 1.0, 0.0), {"ada": 0.0}))
    with pytest.raises(SystemExit, match="stock, no figure: nobody earns a point"):
        grading.compare(["no figure"], 1, 1, tmp_path)
