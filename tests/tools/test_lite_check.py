"""The check on the start page: what it answers to code."""

import json
import re

import pytest

from tools.course import ROOT
from tools.lite_check import CHECKED, hints, judge

START = re.search(r"<pre>(.*?)</pre>", (ROOT / "docs" / "index.md").read_text(), re.DOTALL)[1]
RIGHT = START.replace("np.pad(X, pad)", "np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))")


def test_the_code_of_the_start_page_has_one_wrong_line():
    wrong, right = json.loads(judge(START)), json.loads(judge(RIGHT))
    assert not wrong["passed"] and "0 of 4 checks passed" in wrong["html"]
    assert "Every axis was padded, the batch and the channels included." in wrong["html"]
    assert "show(" not in wrong["html"] and "hint(" not in wrong["html"]
    assert "Read again" not in wrong["html"]
    assert wrong["picture"].startswith("<svg")
    assert right["passed"] and "all 4 checks passed" in right["html"]
    assert "picture" not in right


def test_a_verdict_quotes_the_current_code():
    half = START.replace("np.pad(X, pad)", "np.pad(X, ((0, 0), (pad, 0), (pad, pad), (0, 0)))")
    for code in (half, half.replace("X_pad", "padded")):
        line = next(line.strip() for line in code.splitlines() if "np.pad" in line)
        html = json.loads(judge(code))["html"].replace("\N{NO-BREAK SPACE}", " ")
        assert f"In line 6 ({line}), (pad, 0) should be (pad, pad)." in html


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1", f"The code does not define a function {CHECKED}."),
        ("def zero_pad(X, pad):\nreturn X", "IndentationError: expected an indented block"),
        ("import numpyy", "ModuleNotFoundError: No module named &#x27;numpyy&#x27;"),
        ("exit()", "SystemExit"),
        (f"def {CHECKED}(X, pad):\n    return X[9]", "IndexError"),
        (f"def {CHECKED}(X, pad):\n    return None", "0 of 4 checks passed"),
    ],
)
def test_faulty_code_gets_an_answer(code, said):
    answer = json.loads(judge(code))
    assert not answer["passed"] and said in answer["html"] and "hint(" not in answer["html"]


def test_the_hints_are_those_of_the_exercise():
    assert len(json.loads(hints())) == 3
