"""Questions about a student's own code: an independent run of the function gives every key."""

import inspect
import re
import sys

import numpy as np
import pytest

from nbexercise.asking.kinds import KINDS, _keeps_slices, _value_of_line
from nbexercise.asking.tracing import limited
from nbexercise.asking.work import Work
from nbexercise.judging.beside import beside
from nbexercise.judging.calling import call
from nbexercise.judging.model import CallOutcome, Case, CaseSet, Check, Return
from nbexercise.judging.wording import ORDINALS, arguments_of, describe_case
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


def frames(work, case, line):
    """Return the variables before and after each run of a line."""
    before, after, inside = [], [], False

    def local(frame, event, _):
        nonlocal inside
        here = event == "line" and frame.f_lineno == line
        if here and frame.f_lasti != start:
            return local  # from Python 3.12 on, a pass of a comprehension in the line
        after.extend([dict(frame.f_locals)] * inside)
        inside = here
        before.extend([dict(frame.f_locals)] * inside)
        return local

    code = work.function.__code__
    start = min(start for start, _, number in code.co_lines() if number == line)
    sys.settrace(lambda frame, event, _: local if frame.f_code is code else None)
    work.function(**case.arguments)
    sys.settrace(None)
    return before, after


def mask(function, given, name, at):
    """Return which outputs an entry changes."""
    masks = []
    for amount in (0.3, -0.3, 40.0, -40.0, 7e4, -7e4):
        changed = given[name].copy()
        changed[at] += amount
        change = function(**{**given, name: changed}) - function(**given)
        masks.append(np.abs(change) > 1e-11 * abs(amount))
    return np.any(masks, 0)


def returned(function, given):
    """Return a result, or the message of an error."""
    try:
        return function(**given)
    except (ValueError, IndexError) as error:
        return str(error).strip()


def with_line(work, line, new):
    lines = inspect.getsource(work.function).splitlines()
    lines[line - 1] = re.match(" *", lines[line - 1])[0] + new
    return written("\n".join(lines))


def is_right(work, question, answer):
    """True if an answer is right; found without `Work`."""
    text, line, run = question.in_full, question.line, work.function
    case = next((c for c in work.cases if f" {describe_case(c, True)}." in text), work.cases[0])
    given, code = case.arguments, re.findall("`([^`]*)`", text)
    entry = re.search(r"(\w+)\[([\d, ]+)\](?: is changed|\?)", text)
    name, at = (entry[1], tuple(eval(entry[2] + ","))) if entry else ("", ())
    match question.kind:
        case "passes of a line":
            return answer == len(frames(work, case, line)[0])
        case "last value of a variable":
            return answer == frames(work, case, line)[1][-1][code[0]]
        case "shape of a slice":
            k = next((k for k, word in enumerate(ORDINALS) if f" {word} time" in text), 0)
            return answer == eval(code[1], {}, frames(work, case, line)[0][k]).shape
        case "shape of an array":
            return answer == frames(work, case, line)[1][0][code[0]].shape
        case "reach of an entry":
            return answer == mask(run, given, name, at).sum()
        case "when a slip shows":
            pieces = set(re.split(", (?=[a-zA-Z])", answer))
            given = next(c.arguments for c in work.cases if pieces <= {*arguments_of(c, True)})
            after = returned(with_line(work, line, code[1]), given)
            same = np.shape(after) == np.shape(run(**given)) and np.allclose(after, run(**given))
            return same == ("still" in text)
        case "input that raises an error":
            name, value = re.fullmatch(r"(\w+)(?: of shape)? (.*)", answer).groups()
            changed = np.ones(eval(value)) if "(" in value else int(value)
            message = returned(run, {**given, name: changed})
            return isinstance(message, str) and message[:100] in question.why
        case "output after a change":
            return answer == with_line(work, line, code[0])(**given).shape
        case "result for some numbers":
            return answer == run(**given)
        case "output for a doubled input":
            name = re.search(r"number in (\w+) is", text)[1]
            factors = {"they stay the same": 1, "each is doubled": 2, "each is multiplied by 4": 4}
            after = run(**{**given, name: 2 * given[name]})
            fits = [w for w, n in factors.items() if np.allclose(after, n * run(**given))]
            return answer in (fits or ["none of these"])
        case "output for ones":
            number = float(re.search(r"arrays is (\d)", text)[1])
            changed = filled(given, lambda shape: np.full(shape, number))
            return np.isclose(answer, run(**changed)[at])


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
            assert is_right(work, question, question.right)
            for answer, _ in question.mistakes:
                assert not is_right(work, question, answer)


def test_a_line_of_several_statements_is_counted_once_and_not_asked_about():
    work = work_on(WINDOWS)
    assert work.trace(work.cases[0]).passes(8) == len(frames(work, work.cases[0], 8)[0])
    assert not {8, 11} & {question.line for w, question in ASKED if w.name == work.name}
    assert {work.written(slip) for slip in work.slips if slip.line == 12} == {"elif f < 1:"}


def test_a_function_cannot_tell_that_it_is_recorded():
    work = work_on(WARY)
    assert work.trace(work.cases[0]).passes(9) == len(frames(work, work.cases[0], 9)[0]) == 5
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
    values = [frame["left"] for frame in frames(work, work.cases[0], question.line)[1]]
    before = [value for value, comment in question.mistakes if "before the last" in comment]
    assert before in ([], [next(v for v in reversed(values) if v != question.right)])


def test_a_line_of_two_numbers_is_shown_as_it_is_written_and_the_one_that_differs_named():
    work = work_on(PAIR)
    slips = {work.written(slip): slip for slip in work.slips}
    slip = slips["high, wide = (n - f) // 2 + 1, (n - 2 * pad) // 2"]
    same = "There, `high` is 4 and `wide` is 4 with either line."
    assert _value_of_line(work, work.cases[0], slip) == same
    assert _value_of_line(work, work.cases[1], slip) == "There, `wide` becomes 2 instead of 4."
