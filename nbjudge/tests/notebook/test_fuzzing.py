"""Any file yields a notebook that can be judged, or one clear reason why not.

`python -m pytest --hypothesis-profile=thorough tests/notebook/test_fuzzing.py` tries many more.
"""

import json

import hypothesis
import pytest
from hypothesis import given

from nbjudge.errors import UnreadableNotebookError
from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.page import render
from nbjudge.judging.messages import Unreadable
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.repair import repair
from tests.support.engines import Answer, engine_config, make_job
from tests.support.fuzzing import any_json, damaged_files
from tests.support.in_process import InProcessEngine
from tests.support.submissions import SPEC, check, submitted

WRONG = submitted(double="def double(x):\n    return x", triple="def triple(x):\n    return -x")
RIGHT = submitted()
TESTS = {"double_test": 2.0, "triple_test": 3.0}
BY_HAND = {"essay": None, "drawing": None}
FEW = hypothesis.settings(max_examples=max(1, hypothesis.settings().max_examples // 4))


def check_reason(reason):
    assert reason.startswith("not a Jupyter notebook: ") and 26 < len(reason) < 400
    assert "\n" not in reason


def read(content):
    """Read and repair a file, or check the reason why it cannot be read."""
    try:
        cells = read_notebook(content)
    except UnreadableNotebookError as error:
        check_reason(str(error))
        return
    found, repairs = repair(cells, SPEC)
    check(found)
    assert all(isinstance(text, str) and text for text in repairs)


@given(any_json())
def test_any_json_is_read_or_refused(content):
    read(content)


@given(damaged_files(RIGHT))
def test_a_damaged_notebook_is_read_or_refused(content):
    read(content)


@pytest.fixture(scope="module")
def here():
    with InProcessEngine() as engine:
        yield lambda cells: engine.judge(engine_config(), make_job(SPEC, cells))


def look(answer):
    """Check the result of judging any file; return the points of the tests, or None."""
    if isinstance(answer, Unreadable):
        check_reason(answer.reason)
        return None
    Answer(answer)  # checks that the notebook is valid
    assert answer.faults == []
    grades = {name: CellGrade(answer.scores[name], out_of) for name, out_of in TESTS.items()}
    page = render(json.loads(answer.notebook), About("ps1", "work", "ann", cells=grades))
    assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>")
    assert answer.scores.keys() == TESTS.keys() | BY_HAND.keys()
    return {name: answer.scores[name] for name in TESTS}


@FEW
@given(damaged_files(WRONG))
def test_wrong_code_earns_nothing_however_its_notebook_is_damaged(here, content):
    assert look(here(content)) in (None, dict.fromkeys(TESTS, 0.0))


@FEW
@given(damaged_files(RIGHT))
def test_right_code_earns_its_points_or_none_in_a_damaged_notebook(here, content):
    points = look(here(content))
    for name, out_of in TESTS.items() if points else ():
        assert points[name] in (0.0, out_of)


@hypothesis.settings(max_examples=max(1, hypothesis.settings().max_examples // 10))
@given(damaged_files(RIGHT), damaged_files(WRONG))
def test_a_damaged_notebook_does_not_affect_the_next_submission(judge, right, wrong):
    """A worker process judges all of these submissions in turn."""
    look(judge.answer(SPEC, right))
    worker = judge.worker
    assert look(judge.answer(SPEC, wrong)) in (None, dict.fromkeys(TESTS, 0.0))
    assert judge(SPEC, RIGHT).scores == TESTS | BY_HAND
    assert judge.worker is worker
