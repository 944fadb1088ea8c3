"""The in-process engine gives the same results as a worker."""

import sys

import pytest

from tests.support.engines import Answer, engine_config, make_job, spec
from tests.support.in_process import InProcessEngine

QUESTIONS = spec(
    ("import numpy as np\nLIMIT = 3", "locked"),
    ("def f(x):\n    return 2 * x", "solution", "f"),
    ("assert f(1) == 2", "test", "f_test", 2),
    ("import random\nprint(random.random())\ndef g(h):\n    return h(LIMIT)", "solution", "g"),
    ("assert g(lambda x: x + 1) == 4\nprint('tested')", "test", "g_test", 3),
    ("class Point:\n    x = 1", "solution", "p"),
    ("assert Point().x == 1\n0.5", "test", "p_test"),
)
SUBMISSIONS = {
    "right": {},
    "wrong": {"f": "def f(x):\n    return x", "g": "g = 5"},
    "raises": {"f": "def f(x):\n    return 1 / 0", "p": "raise ValueError('no')"},
    "prints": {"f": "def f(x):\n    print('called', x)\n    return 2 * x"},
    "broken": {"f": "def f(x:", "g": "class Own(Exception): pass\ndef g(h):\n    raise Own('x')"},
}


@pytest.fixture(scope="module")
def here():
    with InProcessEngine() as engine:
        yield lambda *job, **changes: engine.judge(engine_config(), make_job(*job, **changes))


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_it_gives_the_same_answer_as_a_worker(judge, here, name):
    there = judge(QUESTIONS, SUBMISSIONS[name])
    answer = Answer(here(QUESTIONS, SUBMISSIONS[name]))
    assert answer.scores == there.scores
    assert answer.faults == there.faults
    for cell, other in zip(answer.cells, there.cells, strict=True):
        assert cell["source"] == other["source"]
        assert cell.get("outputs") == other.get("outputs")


def test_it_leaves_this_process_unchanged(here):
    before = sys.modules["__main__"], list(sys.path), sys.stdout
    here(QUESTIONS, {})
    assert (sys.modules["__main__"], list(sys.path), sys.stdout) == before


def test_an_invalid_notebook_is_unreadable(here):
    assert here(QUESTIONS, b"nothing").reason.startswith("not a Jupyter notebook")


def test_a_loop_that_never_ends_is_interrupted(here):
    loop = spec(("while True:\n    pass", "plain"), ("x = 1", "solution", "s"), ("x", "plain"))
    answer = Answer(here(loop, limits={"cell_seconds": 0.3}))
    assert "was interrupted" in answer.shown(0)
