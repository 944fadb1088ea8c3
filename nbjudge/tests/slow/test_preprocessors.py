"""Assignments that nbgrader's preprocessors change: header, footer and generated tests."""

import contextlib
import shutil
from pathlib import Path

import nbformat
import nbgrader
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from tests.support.small_course import cell, notebook, test_cell

AREA = "def area(r):\n    ### BEGIN SOLUTION\n    return tau / 2 * r**2\n    ### END SOLUTION"
RIGHT = {"area": "def area(r):\n    return tau / 2 * r**2"}
SETTINGS = """
c.IncludeHeaderFooter.header = "header.ipynb"
c.IncludeHeaderFooter.footer = "footer.ipynb"
"""


def differences(course, name):
    with course.here(), contextlib.closing(Assignment(name, *load_course())) as opened:
        return [str(one) for found in opened.differences.values() for one in found]


def write_header(course, *cells):
    nbformat.write(notebook(*cells), course.root / "header.ipynb")


@pytest.fixture
def framed(course):
    """A course with a header that has a locked and an ordinary cell, and a footer."""
    course.configure(SETTINGS)
    imports = cell("imports", "import math", locked=True)
    write_header(course, imports, new_code_cell("tau = 2 * math.pi"))
    nbformat.write(notebook(new_markdown_cell("The end.")), course.root / "footer.ipynb")
    test = test_cell("area_test", "assert round(area(1), 2) == 3.14", 2)
    course.write_source("ps3", ps3=[cell("area", AREA, solution=True), test])
    course.release("ps3")
    return course


def test_a_header_and_a_footer_are_part_of_the_assignment(framed):
    assert differences(framed, "ps3") == []
    framed.submit("ann", RIGHT, "ps3")
    done = framed.grade("ps3")["ann"]
    assert (done.judgment.score, done.judgment.repairs, done.judgment.errors) == (2, [], [])
    check = framed.nbjudge("check", "ps3")
    assert check.returncode == 0, check.stdout + check.stderr
    write_header(framed, cell("imports", "import cmath", locked=True))
    assert differences(framed, "ps3") == ["the text of imports has changed"]


def test_nbgraders_own_command_reads_the_settings_as_well(framed):
    framed.configure("import nbjudge\nnbjudge.configure(c)\n" + SETTINGS)
    framed.submit("ann", RIGHT, "ps3")
    done = framed.python("-m", "nbgrader", "autograde", "ps3")
    assert done.returncode == 0, done.stderr
    assert "ps3 of ann: 2 of 2 points" in done.stderr and "WARNING" not in done.stderr


def test_a_header_that_cannot_be_read_is_named(framed):
    (framed.root / "header.ipynb").unlink()
    done = framed.nbjudge("check", "ps3")
    assert done.returncode != 0
    assert "c.IncludeHeaderFooter.header is header.ipynb, which cannot be read" in " ".join(
        done.stderr.split()
    )


def test_generated_tests_are_no_change_and_a_change_of_them_is(course):
    templates = Path(nbgrader.__file__).parent / "docs/source/user_guide/autotests.yml"
    shutil.copy(templates, course.root)
    double = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    lines = "y = 3\n### AUTOTEST double(1); double(y)\nassert y\n### HASHED AUTOTEST double(y + 1)"
    cells = [cell("double", double, solution=True), test_cell("double_test", lines, 1)]
    course.write_source("ps3", ps3=cells)
    # In a process of its own, as nbgrader leaves sockets of its kernel open.
    done = course.python("-m", "nbgrader", "generate_assignment", "ps3", "--create")
    assert done.returncode == 0, done.stderr
    assert differences(course, "ps3") == []
    done = course.python("-m", "nbjudge", "check", "ps3", "--stock")
    assert done.returncode == 0, done.stderr
    assert "Compared 2 scores" in done.stdout
    cells[1].source = lines.replace("double(1)", "double(2)")
    course.write_source("ps3", ps3=cells)
    assert differences(course, "ps3") == ["the text of double_test has changed"]
