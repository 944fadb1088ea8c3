"""Feedback pages contain no hidden tests and no marking schemes."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.support.pages import error, graded, notebook, solution

TESTS = """import numpy as np
assert double(1) == 2
### BEGIN HIDDEN TESTS
secret = 40
assert double(secret) == 80
### END HIDDEN TESTS
assert double(0) == 0"""


def page_of_tests(course, source, *outputs, config=None, cell_type="code"):
    cell = graded(source, outputs)
    nb = notebook()
    nb.cells[-1] = cell
    return re.sub(r"<[^>]*>", "", course.feedback(nb, config).partition("<body")[2])


def test_hidden_tests_are_not_in_the_feedback(course):
    page = page_of_tests(course, TESTS)
    assert "secret" not in page
    assert "HIDDEN TESTS" not in page
    assert re.search(
        r"assert double\(1\) == 2\s+# \(hidden tests ran here\)\s+assert double\(0", page
    )


def test_the_formgrader_shows_hidden_tests(course):
    nb = notebook()
    nb.cells[-1] = graded(TESTS)
    assert "secret" in course.formgrader(nb)


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN HIDDEN TESTS\nsecret()",
        "### BEGIN HIDDEN TESTS\nsecret()\n### BEGIN HIDDEN TESTS\nsecret()\n### END HIDDEN TESTS",
        "secret() ### BEGIN HIDDEN TESTS\nsecret()\nsecret() ### END HIDDEN TESTS",
    ],
)
def test_malformed_regions_hide_to_the_end(course, source):
    page = page_of_tests(course, source)
    assert "secret" not in page
    assert "# (hidden tests ran here)" in page


def test_indentation_and_several_regions(course):
    source = "if True:\n    ### BEGIN HIDDEN TESTS\n    secret()\n    ### END HIDDEN TESTS\n" * 2
    page = page_of_tests(course, source)
    assert "secret" not in page
    assert page.count("\n    # (hidden tests ran here)") == 2


def test_markers_are_those_of_the_course(course):
    config = course.config()
    config.ClearHiddenTests.begin_test_delimeter = "VERBORGEN"
    config.ClearHiddenTests.end_test_delimeter = "OFFEN"
    page = page_of_tests(course, "# VERBORGEN\nsecret()\n# OFFEN\nopen()", config=config)
    assert "secret" not in page
    assert "open()" in page


def test_marking_schemes_are_hidden(course):
    task = new_markdown_cell("Do it.\n\n=== BEGIN MARK SCHEME ===\nsecret\n=== END MARK SCHEME ===")
    solution(task, "task").metadata.nbgrader.update(task=True, solution=False, points=2)
    nb = notebook(task)
    page = course.feedback(nb)
    assert "secret" not in page
    assert "<em>(marking scheme)</em>" in page


def test_a_students_own_cell_is_left_alone(course):
    nb = notebook(new_code_cell("### BEGIN HIDDEN TESTS\nmine()"))
    assert "mine" in course.feedback(nb)


ARROW = (
    "\x1b[0;31m---------------------------------------------------------------------------\x1b[0m"
)


FRAMES = [
    ARROW,
    "\x1b[0;31mAssertionError\x1b[0m                            Traceback (most recent call last)",
    "Cell \x1b[0;32mIn[7], line 5\x1b[0m\n\x1b[1;32m      3\x1b[0m ### BEGIN HIDDEN TESTS\n"
    "\x1b[0;32m      4\x1b[0m secret \x1b[38;5;241m=\x1b[39m \x1b[38;5;241m40\x1b[39m\n"
    "\x1b[0;32m----> 5\x1b[0m \x1b[38;5;28;01massert\x1b[39;00m double(secret) \x1b[38;5;241m==\x1b"
    "[39m 80\n",
    "\x1b[0;31mAssertionError\x1b[0m: no",
]


def test_a_traceback_that_shows_hidden_tests_is_cut_down(course):
    page = page_of_tests(course, TESTS, error(*FRAMES))
    assert "secret" not in page
    assert "AssertionError: no" in page


def test_a_traceback_in_a_later_cell_is_cut_down_too(course):
    nb = notebook(new_code_cell("use()", outputs=[error(*FRAMES)]))
    nb.cells[-1] = graded(TESTS)
    assert "secret" not in course.feedback(nb)


def test_other_tracebacks_and_outputs_stay(course):
    lines = ["----> 2 assert double(1) == 2", "AssertionError: no"]
    page = page_of_tests(course, TESTS, error(*lines), new_output("stream", text="verdict"))
    assert "----&gt; 2 assert double(1) == 2" in page
    assert "verdict" in page


def test_real_tracebacks_are_recognized(course):
    """Tracebacks from IPython, for an error in a hidden test and for a hidden SyntaxError."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.colors = "linux"
    shell.user_ns["double"] = lambda x: x
    for source in (
        TESTS.replace("double(1) == 2", "True"),
        "### BEGIN HIDDEN TESTS\nassert secret( == 3\n### END HIDDEN TESTS",
        "### BEGIN HIDDEN TESTS\nfor secret in [3]:\n    assert (\n        double(secret)\n"
        "        == 80\n    ), 'no'\n### END HIDDEN TESTS",
    ):
        result = shell.run_cell(source, silent=True)
        etype = result.error_in_exec or result.error_before_exec
        lines = shell.InteractiveTB.structured_traceback(
            type(etype), etype, etype.__traceback__, tb_offset=1
        )
        if isinstance(etype, SyntaxError):
            lines = shell.SyntaxTB.structured_traceback(type(etype), etype, [])
        assert "secret" in "".join(lines)
        assert "secret" not in page_of_tests(course, source, error(*lines))
