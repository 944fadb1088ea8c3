"""The check on the start page: what it answers to code."""

import json
import re

import pytest

from tools.course import ROOT
from tools.lite_check import CHECKED, hints, judge

START = re.search(r"<pre>(.*?)</pre>", (ROOT / "docs" / "index.md").read_text(), re.DOTALL)[1]
RIGHT = START.replace("np.pad(X, pad)", "np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))")


def judged(code, width=700):
    return json.loads(judge(code, width))


def test_the_code_of_the_start_page_has_one_wrong_line():
    wrong, right = judged(START), judged(RIGHT)
    assert not wrong["passed"] and "0 of 4 checks passed" in wrong["html"]
    assert "Every axis was padded, the batch and the channels included." in wrong["html"]
    assert "show(" not in wrong["html"] and "hint(" not in wrong["html"]
    assert "Read again" not in wrong["html"] and "The Hint button gives" in wrong["html"]
    assert wrong["picture"].startswith("<svg")
    assert right["passed"] and "all 4 checks passed" in right["html"]
    assert "picture" not in right


def test_a_verdict_quotes_the_current_code():
    half = START.replace("np.pad(X, pad)", "np.pad(X, ((0, 0), (pad, 0), (pad, pad), (0, 0)))")
    for code in (half, half.replace("X_pad", "padded")):
        line = next(line.strip() for line in code.splitlines() if "np.pad" in line)
        html = judged(code)["html"].replace("\N{NO-BREAK SPACE}", " ")
        assert f"What happened: In line 6 ({line}), (pad, 0) is wrong. Fixing" in html
        assert "Next: in line 6, (pad, 0) should be (pad, pad).\n" in html


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1", f"The code does not define a function {CHECKED}."),
        ("def zero_pad(X, pad):\nreturn X", "IndentationError: expected an indented block"),
        ("import numpyy", "ModuleNotFoundError: No module named &#x27;numpyy&#x27;"),
        ("exit()", "SystemExit"),
        (f"def {CHECKED}(X, pad):\n    return X[9]", "IndexError"),
        (
            f"def {CHECKED}(X, pad):\n    return np.pad(X, 1)",
            "Next: run the cell with the line import",
        ),
        (f"def {CHECKED}(X, pad):\n    return None", "0 of 4 checks passed"),
    ],
)
def test_faulty_code_gets_an_answer(code, said):
    answer = judged(code)
    assert not answer["passed"] and said in answer["html"] and "hint(" not in answer["html"]


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("return np.pad(X, pad", "add the closing bracket that belongs to the marked one."),
        ("return np.pad(X, pad))", "remove the marked bracket, or add its partner"),
        ("return np.pad(X, [pad)", "remove the marked bracket, or add its partner"),
        ("return np.pad(X, mode=\u201cedge)", "Quotes in code are straight"),
        ("return np.pad(X, mode='edge)", "end the marked string with the quote"),
        ("  return X", "indent each line of the function by four spaces."),
        ("\treturn X", "indent each line of the function by four spaces."),
        ("if pad > 0", "end the marked line with a colon."),
        ("return np.pad(X pad)", "put a comma between the two marked values."),
        ("character = 1 1", "correct this line."),
        ("return", "end the function with `return X_pad`."),
    ],
)
def test_code_that_python_does_not_run_gets_a_next_step(line, step):
    code = f"import numpy as np\n\ndef {CHECKED}(X, pad):\n    np\n    {line}\n    return X"
    next_step = judged(code)["html"].partition("Next: ")[2]
    assert step in next_step


def test_the_picture_fits_the_page():
    for width in (300, 700):
        picture = judged(START, width)["picture"]
        assert float(re.search(r' width="([\d.]+)"', picture)[1]) <= width
        left = re.findall(r'<g aria-label="(?:expected|got)[^"]*"><text x="([\d.]+)"', picture)
        assert (left[0] == left[1]) == (width == 300)  # one below the other


def test_the_hints_are_those_of_the_exercise():
    assert len(json.loads(hints())) == 3
