"""Sessions that send forged answers lose that question and no other."""

import pytest

from tests.support.engines import spec

FORGE = """
import gc
from nbjudge.guest.interpreter import Interpreter

def pack(message, forged={forged}):
    return forged

def f():
    from nbjudge.wire import framing
    framing.pack = pack
    return 1
"""
FORGED = {
    "a list": "[1, 2]",
    "no name": "{'value': 1}",
    "another message": "{'is': 'Found', 'value': 1, 'classes': None}",
    "an unknown field": "{'is': 'Returned', 'value': 1, 'outputs': [], 'changed': [], 'score': 5}",
    "a missing field": "{'is': 'Returned', 'value': 1}",
    "a wrong type": "{'is': 'Returned', 'value': 1, 'outputs': 'x', 'changed': []}",
    "a change of nothing": "{'is': 'Returned', 'value': 1, 'outputs': [], 'changed': [['x', 1]]}",
    "no list of earlier results": "{'is': 'Returned', 'value': 1, 'outputs': [], 'changed': [],"
    " 'too_long': False, 'earlier': 1}",
    "a handshake": "{'is': 'Isolated', 'level': 'full'}",
    "a refusal": "{'is': 'Refused', 'reason': 'no sandbox'}",
    "too much": "{'is': 'Returned', 'value': 'x' * (40 << 20), 'outputs': [], 'changed': []}",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_answer_costs_the_question(judge, name):
    questions = spec(
        ("def f():\n    return 1", "solution", "f"),
        ("assert f() == 1", "test", "f_test", 2),
        ("def g():\n    return 2", "solution", "g"),
        ("assert g() == 2", "test", "g_test", 3),
    )
    answer = judge(questions, {"f": FORGE.replace("{forged}", FORGED[name])})
    assert answer.scores == {"f_test": 0.0, "g_test": 3.0}
    assert not answer.faults


def test_a_forged_end_of_a_time_that_nobody_limits_changes_nothing(judge):
    questions = spec(
        ("def f():\n    return 1", "solution", "f"),
        ("assert f() == 2", "test", "f_test", 2),
        ("assert 1", "test", "own_test", 3),
    )
    forged = (
        "{'is': 'Returned', 'value': 2, 'outputs': [], 'changed': [], 'too_long': True,"
        " 'earlier': []}"
    )
    answer = judge(questions, {"f": FORGE.replace("{forged}", forged)})
    assert answer.scores == {"f_test": 2.0, "own_test": 3.0}
    assert not answer.faults
