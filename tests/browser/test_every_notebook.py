"""The benchmark of the front ends detects faults in a notebook, and resumes an interrupted run."""

import json
import re
from contextlib import nullcontext

import pytest
from playwright.sync_api import sync_playwright

from benchmarks.lessons import front_ends
from benchmarks.lessons.front_ends import (
    Jupyter,
    Result,
    Work,
    measure,
    solved_cells,
    tables,
    work_of,
)
from tests.browser import jupyter
from tests.browser.pages import with_end

NAME = "single_step"
LAB = Jupyter("Jupyter", ".venv")


@pytest.fixture
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(autouse=True)
def limit(monkeypatch):
    monkeypatch.setattr(front_ends, "LIMIT", 300)


@pytest.fixture(scope="module")
def solved():
    return solved_cells([NAME])[NAME]


def released():
    return json.loads(LAB.path(NAME).read_bytes())


def test_an_assignment_is_as_it_should_be(playwright, solved):
    result = measure(playwright, LAB, NAME, work_of(NAME, released(), solved))
    assert result.good, result
    assert result.exercises == result.unwritten == result.passed == 1
    assert result.figures >= 3
    assert result.seconds == sorted(result.seconds)


def test_a_wrong_solution_is_seen(playwright, solved):
    wrong = [
        {**cell, "source": cell["source"].replace("np.sum", "np.mean")}
        if cell["id"] == "conv_single_step"
        else cell
        for cell in solved
    ]
    assert wrong != solved
    result = measure(playwright, LAB, NAME, work_of(NAME, released(), wrong))
    assert (result.unwritten, result.passed, result.good) == (1, 0, False)
    assert any("CheckFailedError" in fault or "checks passed" in fault for fault in result.faults)


REQUESTS = """\
import urllib.request
try:
    urllib.request.urlopen("http://example.org/of-the-kernel")
except OSError:
    pass
"""
IMAGES = """\
from IPython.display import HTML
HTML('<img src="data:image/png;base64,AAAA"><img src="http://example.org/of-the-page">')
"""


def test_a_request_and_a_broken_image_are_faults(playwright):
    content = with_end(
        jupyter.notebook([REQUESTS, IMAGES, "import sys; print(1, file=sys.stderr)"])
    )
    result = measure(playwright, LAB, "any", Work([json.dumps(content)], re.compile("."), 0))
    assert not result.good
    faults = "\n".join(result.faults)
    for fault in ("GET http://example.org/of-the-kernel", "of-the-page", "cannot be shown", "1"):
        assert fault in faults
    assert result.figures == 0


# Without a browser: stored results and tables


class Shelf:
    """A front end with two notebooks, which are text files."""

    title = "Shelf"

    def __init__(self, folder):
        self.folder = folder

    def missing(self):
        return ""

    def names(self):
        return ["04_padding", "padding"]

    def path(self, name):
        return self.folder / f"{name}.ipynb"

    def imported(self, name):
        return b""

    def opened(self, name, text):
        return nullcontext(("", []))

    def versions(self):
        return "Python 3"


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Return a function that runs the benchmark with two notebooks, and returns those measured."""
    shelf = Shelf(tmp_path)
    for name in shelf.names():
        source = LAB.path(name)
        shelf.path(name).write_bytes(source.read_bytes())
    monkeypatch.setattr(front_ends, "FRONT_ENDS", {"shelf": shelf})
    monkeypatch.setattr(front_ends, "KEPT", tmp_path / "kept.json")
    measured = []

    def measure(playwright, front_end, name, work, digest):
        measured.append(name)
        if name in run.stops:
            raise KeyboardInterrupt
        wrong = {"faults": ["ValueError"]} if name in run.fails else {}
        return a_result(exercises=work.exercises, digest=digest, **wrong)

    def run(*arguments):
        measured.clear()
        assert front_ends.main(arguments) == (1 if run.fails else 0)
        return list(measured)

    run.stops, run.fails, run.shelf = set(), set(), shelf
    monkeypatch.setattr(front_ends, "measure", measure)
    return run


def a_result(exercises=4, **values):
    usual = dict(
        unwritten=exercises,
        passed=exercises,
        figures=3,
        skipped=0,
        faults=[],
        seconds=[1.0, 2.0, 3.0, 4.0],
        load=0.5,
        digest="",
    )
    return Result(exercises=exercises, **(usual | values))


def test_a_stopped_run_continues(run):
    run.stops = {"padding"}
    with pytest.raises(KeyboardInterrupt):
        run()
    run.stops = set()
    assert run() == ["padding"]
    assert run() == []
    assert run("--again", "padding") == ["padding"]


def test_a_notebook_in_which_something_was_wrong_is_run_again(run):
    run.fails = {"padding"}
    run()
    run.fails = set()
    assert run() == ["padding"]
    assert run() == []


def test_a_notebook_that_has_changed_is_run_again(run):
    assert run() == ["04_padding", "padding"]
    path = run.shelf.path("padding")
    path.write_text(path.read_text().replace("Zero padding", "Padding with zeros"))
    assert run() == ["padding"]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "| padding | 3 s |"),
        ({"unwritten": 3}, "| padding | **fails**, 3 s |"),
        ({"passed": 3}, "NO, 3 of 4"),
        ({"faults": ["ValueError"]}, "| padding | **fails**, 3 s |"),
        ({"seconds": [1.0, 2.0, float("inf"), float("inf")]}, "over 300 | over 300 |"),
    ],
)
def test_a_row_says_what_is_wrong(run, values, shown):
    text = tables({"shelf": {"padding": a_result(**values)}}, "1.0")
    assert shown in text
    assert "| 04_padding | not measured |" in text
    assert "| 07_convolution_layer_in_libraries | for Colab |" in text
