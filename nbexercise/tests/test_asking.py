"""Questions about a student's own code: an independent run of the function gives every key."""

import numpy as np
import pytest

from nbexercise.asking.kinds import KINDS, _keeps_slices, _value_of_line
from nbexercise.asking.tracing import limited
from nbexercise.asking.work import Work
from nbexercise.judging.beside import beside
from nbexercise.judging.calling import call
from nbexercise.judging.model import CallOutcome, Case, CaseSet, Check, Return
from tests import independent
from tests.cells import written

WINDOWS = """
def windows(A, f, stride):
    m, n_H_prev, n_W_prev = A.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    Z = np.zeros((m, n_H, n_W))
    for i in range(m):
        for h in range(n_H):
            top = h * stride; bottom = top + f
            for w in reversed(range(n_W)):
                left = w * stride + 1
                if f > 1: window = A[i, top:bottom, left - 1:left - 1 + f]
                elif f <= 1:
                    window = A[i, top:bottom, left:left + f]
                rows = [A[i, top:row + 1] for row in range(top, bottom)]
                Z[i, h, w] += np.sum(window)
    return Z
"""
SCALED = """
def scaled(X, W, given, k):
    Y = X.transpose(0, 2, 1)
    Z = Y * W + given["b"]
    return Z[:, k:, :] * k
"""
PAIR = """
def pair(n, f, pad):
    high, wide = (n - f) // 2 + 1, (n + 2 * pad) // 2
    return high, wide
"""
PEAKS = "def peaks(dA, X):\n    return dA[:, None] * (X == X.max(1, keepdims=True))"
OUTER = "def outer(X):\n    return X[0, :].T * X[:, :, None]"
WARY = """
def wary(n):
    total, known = 0, "<function wary at"
    try:
        events.clear()
        state[0] = left[0] = given[0] = 0
    except NameError:
        total = 1
    for i in range(n if str(wary).startswith(known) and "traced" not in str(lambda: 0) else 0):
        _seen_ = total = total + 1
    return np.array([total])
"""
CHOSEN = """
def chosen(X):
    Z = np.zeros(X.shape)
    some = X[X < 0]
    for i in range(6):
        for j in range(5):
            if X[i, j] > 0:
                Z[i, j] = X[i, j]
    return Z
"""
SHAPES = [((2, 5, 9), 3, 1), ((2, 6, 4), 2, 2), ((1, 7, 5), 3, 2), ((2, 8, 6), 2, 3)]
INPUTS = {
    WINDOWS: [{"A": shape, "f": f, "stride": s} for shape, f, s in SHAPES],
    SCALED: [{"X": (2, n, 3), "W": (n,), "given": {"b": (3, 1)}, "k": 1} for n in (4, 5, 6, 7)],
    PAIR: [{"n": n, "f": 3, "pad": pad} for n, pad in [(9, 0), (7, 1), (12, 1), (15, 2)]],
    PEAKS: [{"dA": (6,), "X": (6, 5)}],
    OUTER: [{"X": (2, 2)}],
    WARY: [{"n": 5}],
    CHOSEN: [{"X": (6, 5)}],
}


def filled(value, make):
    if isinstance(value, dict):
        return {key: filled(item, make) for key, item in value.items()}
    shape = value if isinstance(value, tuple) else np.shape(value)
    return make(shape) if shape else value


def work_on(text):
    random, function = np.random.default_rng(0), written(text)
    numbers = Return("p", "number"), Return("q", "number")
    returns = numbers if text == PAIR else (Return("Z"),)
    given = [filled(one, lambda shape: random.normal(size=shape)) for one in INPUTS[text]]
    cases = [Case("all", one, CallOutcome({}), {}) for one in given]
    cases = [Case("all", c.arguments, call(returns, c, function).outcome, {}) for c in cases]
    more = {"checks": (Check("values", 2),), "mistakes": (), "hints": ("Add.",), "helpers": ()}
    name = function.__name__
    return Work(function, CaseSet(name, name, returns, cases=tuple(cases), tolerance=1e-9, **more))


ASKED = [
    (work, question)
    for work in map(work_on, INPUTS)
    for case in work.cases[:2]
    for kind in KINDS
    for question in kind.questions(work, case)
]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_the_key_is_right_and_nothing_else(kind, subtests):
    asked = [(w, q) for w, q in ASKED if q.kind == kind]
    assert asked
    for work, question in asked:
        with subtests.test(question.in_full):
            run = independent.Program(work.function, work.case_set.returns)
            right, answers = independent.key_of(question), independent.answers
            assert {*map(str, answers(run, work.case_set, question))} == {str(right)}
            if kind == "input that raises an error":
                case, _ = independent.cases_for(question, work.case_set)[0]
                assert independent.explained(run, case, question.right, question.why)
            if not question.options:
                assert right not in [independent.as_key(value) for value, _ in question.mistakes]


def test_a_line_of_several_statements_is_counted_once_and_not_asked_about():
    work = work_on(WINDOWS)
    assert work.trace(work.cases[0]).passes(8) == 2 * 3  # images and rows
    assert not {8, 11} & {question.line for w, question in ASKED if w.name == work.name}
    assert {work.written(slip) for slip in work.slips if slip.line == 12} == {"elif f < 1:"}


def test_a_function_cannot_tell_that_it_is_recorded():
    work = work_on(WARY)
    assert work.trace(work.cases[0]).passes(9) == 5
    assert beside(work.function, limited(work.tree))(5) == work.function(5) == [6]


def test_nothing_depends_on_numbers_that_are_not_shown():
    assert not [q for w, q in ASKED if w.name == "peaks" and "entry dA" in q.text]
    asked = [q.line for w, q in ASKED if w.name == "chosen" and q.line]
    assert 6 in asked and not {3, 7} & {*asked}


def test_explanations_give_the_numbers_that_lead_to_the_answer():
    why = " ".join(q.why for _, q in ASKED)
    for part in ("2 * 3 * 7 = 42.", "They are Z[", "from m = 2, n_H = 3 and n_W = 7", " would be "):
        assert part in why
    assert "becomes" in " ".join(c for _, q in ASKED for _, c in q.mistakes if "inputs" in q.text)


def test_numbers_in_dictionaries_are_ones_too():
    assert [q for w, q in ASKED if w.name == "scaled" and q.kind == "output for ones"]


def test_a_slip_that_removes_a_slice_is_not_taken_for_another_shape():
    work = work_on(OUTER)
    kept = [slip.new for slip in work.slips if _keeps_slices(slip, 2)]
    assert work.slips and not {"X[0, :].T", "X[:, :, None]"} & {*kept}


def test_the_value_before_the_last_one_is_named():
    (work, question), *_ = [(w, q) for w, q in ASKED if q.kind == "last value of a variable"]
    values = []
    run = independent.Program(work.function, work.case_set.returns)
    keep = {"after": lambda frame: values.append(frame.f_locals["left"])}
    independent.watched(run, work.cases[0], question.line, **keep)
    before = [value for value, comment in question.mistakes if "before the last" in comment]
    assert before in ([], [next(v for v in reversed(values) if v != question.right)])


def test_a_line_of_two_numbers_is_shown_as_it_is_written_and_the_one_that_differs_named():
    work = work_on(PAIR)
    slips = {work.written(slip): slip for slip in work.slips}
    slip = slips["high, wide = (n - f) // 2 + 1, (n - 2 * pad) // 2"]
    same = "There, `high` is 4 and `wide` is 4 with either line."
    assert _value_of_line(work, work.cases[0], slip) == same
    assert _value_of_line(work, work.cases[1], slip) == "There, `wide` becomes 2 instead of 4."
