"""Limits of the grader are reported as such, to students and in the summary of `make grade`."""

import re
import sys

import pytest

from tests.files import run_python
from tests.notebooks.test_grade import hand_in
from tools.course import DETAILS, ROOT, grader_packages
from tools.notebooks import build_notebook

RIGHT = "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n"
SOLUTIONS = {
    "ada": f"total = 0\nfor i in range(10**11):\n    total += i\n{RIGHT}",
    "ben": f"import nopackage as pd\n{RIGHT}",
    "cem": f"import nopackage as pd\nprint(pd.DataFrame())\n{RIGHT}",
    "dan": RIGHT.replace("    return", "    import nopackage\n    return"),
    "eve": f"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n{RIGHT}",
    "fay": f"def zero_pad(X, pad)\n    return X\n{RIGHT}",
    "gus": RIGHT.replace("    return", "    while pad == 0:\n        pass\n    return"),
}
NEEDS = (3, 14)  # eve's
EARNS = {"ben": 5} | ({"eve": 5} if sys.version_info >= NEEDS else {})


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """Return the root of a graded course, and the output of `make grade`."""
    root = tmp_path_factory.mktemp("limits")
    course.copy(root, ["padding"])
    for student, solution in SOLUTIONS.items():
        hand_in(root, student, "padding", solution)
    return root, run_python(root, "-m", "tools.grade", COLUMNS="200")


def page(graded, student):
    """Return the first part of a feedback page, as text."""
    text = (graded[0] / "feedback" / student / "padding" / "padding.html").read_text()
    text = text[text.index("<main>") : text.index("Your notebook")]
    return " ".join(re.sub("<[^>]*>", "", text).split())


def test_the_time_limit_of_a_cell(graded):
    text = page(graded, "ada")
    assert "The cell with your code ran for more than 4 seconds and was stopped." in text
    assert "is there a loop that never ends" in text
    assert "KeyboardInterrupt" not in text and "fix this error" not in text


def test_an_endless_loop_costs_only_the_checks_whose_calls_it_stops(graded):
    text = page(graded, "gus")
    assert "4 of 5 points" in text
    assert "zero_pad was still running after 3 seconds of computing and was stopped." in text
    assert "KeyboardInterrupt" not in text


def test_a_package_that_the_cell_does_not_use(graded):
    text = page(graded, "ben")
    assert "5 of 5 points" in text
    assert "The grader does not have nopackage; it has Python" in text
    assert "the cell was run without that import" in text


@pytest.mark.parametrize("student", ["cem", "dan"])
def test_a_package_that_is_missing(graded, student):
    text = page(graded, student)
    assert "0 of 5 points" in text
    assert re.search(r"The grader does not have nopackage; it has Python 3\.\d+, numpy \d", text)
    assert "rite this without nopackage, or ask your instructor to install it." in text
    assert "fix this error" not in text


@pytest.mark.skipif(sys.version_info >= NEEDS, reason="no newer syntax is known than this Python's")
def test_syntax_of_a_newer_python(graded):
    text = page(graded, "eve")
    assert "uses syntax of Python 3.14, but the grader runs Python 3." in text
    assert "fix this error" not in text


def test_an_ordinary_error(graded):
    text = page(graded, "fay")
    assert "The cell with your code stops with an error, so there was nothing to test." in text
    assert "SyntaxError: expected" in text and "fix this error" in text


def test_the_summary_has_a_line_for_each(graded):
    screen = " ".join(graded[1].stderr.split())
    assert "padding: Cells of 1 student (ada) ran for more than 4 seconds and were" in screen
    assert (
        "padding: nopackage is not installed here: the cells of 2 students (cem, dan) im" in screen
    )
    assert "the cells of 1 student (ben) import it but do not use it." in screen
    assert "fay)" not in screen
    if sys.version_info < NEEDS:
        assert "padding: Cells of 1 student (eve) use syntax of Python 3.14" in screen


def test_the_table_names_the_cause(graded):
    table = graded[1].stdout
    assert "ran for more than 4 seconds" in table and "KeyboardInterrupt" not in table
    details = (graded[0] / DETAILS).read_text()
    assert "package missing: nopackage" in details and "limit of the grader" in details
    assert table.count("5 of 5") == len(EARNS)


def test_the_notebook_says_with_what_it_is_graded():
    notebook = build_notebook("padding", ROOT)
    (text,) = (c.source for c in notebook.cells if "what grades your work" in c.source)
    words = " ".join(text.split())
    assert f"Your work is graded with {grader_packages(ROOT)}. Do not rely" in words
    assert re.search(r"graded with Python 3\.11 or newer, NumPy \d+\.\d+\.\d+ and Matplotl", words)


@pytest.mark.parametrize("name", ["numpy", "matplotlib"])
def test_a_lock_without_the_packages_is_an_error(tmp_path, name):
    for file in ("pyproject.toml", "requirements.lock"):
        text = (ROOT / file).read_text()
        (tmp_path / file).write_text(re.sub(rf"^{name}==", f"other-{name}==", text, flags=re.M))
    with pytest.raises(ValueError, match=r"one version of numpy and of matplotlib"):
        grader_packages(tmp_path)
