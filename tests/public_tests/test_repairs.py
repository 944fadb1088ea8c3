"""The change of a student's own code that makes it right: what is found, said and left alone."""

import contextlib
import itertools
import time

import pytest
from tests.cells import cell, written

from exercises import EXERCISES, loops
from nbexercise.checks import CASE_SETS
from nbexercise.defining.source import function_source
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.diagnosis.repairs import search, trials
from nbexercise.diagnosis.repairs.changes import LIKELY, Change, changes_of
from nbexercise.diagnosis.repairs.repair import Repair
from nbexercise.diagnosis.repairs.sentences import effect, place, remedy, sentences, what_happened
from nbexercise.diagnosis.repairs.sources import _keeps_values
from nbexercise.judging import beside
from nbexercise.showing.text import describe
from nbjudge.judging import remote
from public_tests import conv_single_step_test
from tests.exercises.case_sets import NAMES, case_set
from tests.public_tests.messages import message

ONE_PRODUCT = """
def conv_single_step(a_slice_prev, W, b):
    Z = 0
    f, _, n_C = W.shape
    for i in range(f):
        for j in range(f):
            for k in range(n_C):
                Z = a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]
"""


def judged(name, text, **names):
    function = cell(text, **names)[name]
    return judge(CASE_SETS[name], function)


def said(verdict):
    return " ".join(describe(explain(verdict)).split())


def test_the_line_and_its_fault_are_named():
    text = said(judged("conv_single_step", ONE_PRODUCT))
    assert (
        "What happened: In line 7 (Z = a_slice_prev[i, j, k] * W[i, j, k]), = is wrong: each "
        "iteration overwrites the result of the previous one. Fixing this alone makes every case "
        "right."
    ) in text
    assert "Next: in line 7, = should be +=. show(" in text


@pytest.mark.parametrize(
    ("clause", "fault"),
    [
        (
            "h is used where h * s belongs and w is used where w * s belongs",
            "h is wrong and w is wrong",
        ),
        ("x + 1 should be x and y + 1 should be y", "x + 1 is wrong and y + 1 is wrong"),
        ("a is transposed, but should not be", "a is transposed"),
        ("and should be or", "and is wrong"),
        ("** 2 is inside np.sum(...) and belongs outside", "** 2 is inside np.sum(...)"),
        (
            "n[k] has no value before the first +=; use n.get(k, 0)",
            "n[k] has no value before the first +=",
        ),
        ("a is half of what it should be", "a is half of what it should be"),
    ],
)
def test_what_to_write_instead_is_a_next_step(clause, fault):
    repair = Repair(
        (Change(1, (2, 3), 4, clause, LIKELY, 2, (clause,)),), source=("", "    x = y", "")
    )
    assert what_happened(repair).startswith(f"What happened: In line 2 (x = y), {fault}.")
    step = f"in line 2, {clause}; in line 3, {clause}."
    assert remedy(repair) == (step if clause != fault else "")


def test_the_line_counts_from_the_top_of_the_cell():
    text = "import math\n\n\n" + ONE_PRODUCT.strip()
    assert "In line 10 (Z = a_slice" in said(judged("conv_single_step", text))


def test_rows_and_columns_that_need_the_same_change_are_named_together():
    source = EXERCISES["pool_forward"].solution_text()
    for old, new in (("vert_start = h * stride", "vert_start = h"), ("w * stride", "w")):
        assert old in source
        source = source.replace(old, new)
    repair = judged("pool_forward", source).repair
    (change,) = repair.changes
    assert len(change.lines) == 2 and "The same holds for line" in sentences(repair)[0]
    assert effect(repair) == "Fixing both makes every case right."


def test_two_places_of_a_line_are_counted():
    lines = "def f(h, s):", "    total = h * 2 + s * 2", "    return total"
    changes = changes_of("\n".join(lines), {"h": "int", "s": "int"})
    change = next(c for c in changes.all if c.places == 2 and c.lines == (2,) and c.rank <= LIKELY)
    repair = Repair((change,), source=lines)
    assert effect(repair) == "Fixing both makes every case right."
    assert place(repair) == "Two changes in line 2 (total = h * 2 + s * 2) would fix it."


def test_other_numbers_in_another_line_are_named():
    lines = "def f(n):", "    h = n + 0", "    w = n * 1", "    return h, w"
    changes = changes_of("\n".join(lines), {"n": "int"})
    change = next(c for c in changes.all if c.lines == (2, 3) and "0 is used where 1" in c.clause)
    (sentence,) = sentences(Repair((change,), source=lines))
    assert sentence == (
        "In line 2 (h = n + 0), 0 is used where 1 belongs. In line 3, 1 is used where 0 belongs."
    )


def test_two_changes_that_are_needed_together_are_both_named():
    source = """
    def conv_single_step(a_slice_prev, W, b):
        products = W * a_slice_prev
        Z = np.mean(products) - b[0, 0, 0]
        return Z
    """
    verdict = judged("conv_single_step", source)
    assert verdict.repair and len(verdict.repair.changes) == 2
    assert "Fixing both makes every case right." in said(verdict)


def test_a_sum_is_not_missing_in_several_lines_at_once():
    source = """
    def conv_single_step(a_slice_prev, W, b):
        products = a_slice_prev * W
        response = products.mean()
        Z = response + b
        return Z
    """
    verdict = judged("conv_single_step", source)
    assert verdict.repair and [change.lines for change in verdict.repair.changes] == [(3,), (4,)]


def test_a_change_that_includes_the_line_is_not_one_elsewhere():
    source = """
    def one_by_one_forward(A_prev, W, b):
        (m, n_H, n_W, n_C_prev) = A_prev.shape
        pixels = A_prev.reshape(m * n_H * n_W, n_C_prev)
        scores = pixels @ W.reshape(n_C_prev, -1) + b.reshape(1, -1)
        Z = scores.reshape(m, n_W, n_H, -1)
        return Z
    """
    verdict = judged("one_by_one_forward", source)
    assert verdict.repair and any(5 in other.lines for other in verdict.repair.others)
    assert verdict.repair.is_certain and "would work, too" not in said(verdict)


def test_a_change_that_makes_one_of_several_outputs_right_is_named():
    source = """
    def momentum_step(w, dw, velocity, learning_rate, momentum):
        new_v = np.round(np.cos(momentum * velocity + dw), 1)
        new_w = w + learning_rate * (momentum * velocity + dw)
        return new_w, new_v
    """
    verdict = judged("momentum_step", source)
    assert verdict.repair and verdict.repair.outputs == ("w",)
    assert "Fixing this alone makes w right; velocity is still wrong." in said(verdict)


def test_a_change_that_makes_some_checks_right_is_named_as_a_possible_cause():
    text = """
def softmax(Z):
    A = np.exp(Z) / np.sum(np.exp(Z))
    return A
"""
    verdict = judged("softmax", text)
    assert verdict.repair and verdict.repair.checks
    assert "What may have happened: In line 2 (A = np.exp(Z) / np.sum(np.exp(Z)))" in said(verdict)
    assert 'Fixing this alone makes "values" right; "large scores" and "rows far' in said(verdict)


def test_a_change_that_lets_a_wrong_variable_cancel_out_is_no_part_of_the_repair():
    source = """
    def padding_amounts(n, f, stride, mode):
        if mode == 'VALID':
            total = 0
        elif mode == 'SAME':
            n_out = -stride
            total = max((n_out - 1) * stride + f - n, 0)
        elif mode == 'FULL':
            total = 2 / (f - 1)
        before = total // 2
        after = total - before
        return (before, after)
    """
    assert "n is used where n_out belongs" not in said(judged("padding_amounts", source))


@pytest.mark.parametrize("column", [4, 24, 79, 104, 195])
def test_a_long_line_is_quoted_around_the_change(column):
    line = "    " + " + ".join(f"v{n}" for n in range(10, 43))
    (text,) = sentences(Repair((Change(1, (1,), column, "", 0),), source=(line,)))
    code = text[text.index("(") + 1 : text.rindex(")")]
    shown = code.removeprefix("... ").removesuffix(" ...")
    start = line.index(shown)
    assert len(shown) == 60 and start <= column < start + 60
    assert code.startswith("... ") is (start > 4)
    assert code.endswith(" ...") is (start + 60 < len(line))


def test_the_line_of_a_known_mistake_is_not_the_one_that_returns():
    text = """
def padding_amounts(n, f, stride, mode):
    if mode == "VALID":
        total = 0
    if mode == "SAME":
        total = max((-(-n // stride) - 1) * stride + f - n, 0)
    if mode == "FULL":
        total = 2 * f - 2
    last = total // 2
    first = total - last
    return first, last
"""
    verdict = judged("padding_amounts", text)
    assert verdict.mistakes and verdict.repair
    assert "would fix it" not in said(verdict)


def test_a_known_mistake_gets_its_place():
    source = EXERCISES["conv_forward"].solution_text().replace("h * stride", "h")
    helpers = {name: getattr(loops, name) for name in ("zero_pad", "conv_single_step")}
    verdict = judged("conv_forward", source, **helpers)
    assert verdict.mistake and verdict.repair
    number = 1 + source.splitlines().index("            vert_start = h")
    assert f"Changing line {number} (vert_start = h) would fix it." in describe(explain(verdict))


@pytest.mark.parametrize("limited", [True, False])
def test_a_change_that_makes_a_loop_endless_ends(monkeypatch, limited):
    """Without timers, as in a browser, iterations and calls are counted."""
    if not limited:
        for module in ("diagnosis.repairs.search", "judging.calling"):
            monkeypatch.setattr(
                f"nbexercise.{module}.time_limit", lambda *_: contextlib.nullcontext()
            )
    source = """
    def output_size(n, f, stride, pad):
        count, start = 0, 0
        while start + f < n + 2 * pad:
            count += 1
            start += stride
        return count
    """
    before = time.process_time()
    repair = judged("output_size", source).repair
    assert repair and "< before" in sentences(repair)[0]
    assert time.process_time() - before < 30


@pytest.mark.parametrize(
    "memory",
    ["kept = []\n", "kept = {}\n", "kept = np.zeros(3)\n"],
)
def test_a_function_that_can_keep_values_is_left_alone(memory):
    text = memory + ONE_PRODUCT.replace("    Z = 0\n", "    Z = 0 * len(kept)\n")
    verdict = judged("conv_single_step", text)
    assert verdict.repair is None and not verdict.passed
    text = ONE_PRODUCT.replace("    Z = 0\n", "    global calls\n    calls = Z = 0\n")
    assert judged("conv_single_step", text).repair is None


def test_the_notebook_is_as_it_was():
    names = cell(ONE_PRODUCT)
    before = dict(names)
    verdict = judge(CASE_SETS["conv_single_step"], names["conv_single_step"])
    assert verdict.repair
    assert names == before


def test_nothing_is_printed(capfd):
    text = ONE_PRODUCT.replace("    Z = 0\n", "    Z = 0\n    print('now')\n")
    assert judged("conv_single_step", text).repair
    assert capfd.readouterr() == ("", "")


RETURNED = """
def dense_backward(dZ, cache):
    A_prev, W, b = cache
    dA_prev, dW = (dZ @ W.T, A_prev.T @ dZ)
    return (W, dA_prev, dZ.sum(axis=0, keepdims=True))
"""
DECAYING = """
def momentum_step(w, dw, velocity, learning_rate, momentum):
    velocity = momentum * velocity
    w = w * learning_rate * velocity
    return w, velocity
"""


def test_only_the_order_of_what_is_returned_may_be_wrong_for_one_output():
    text = said(judged("dense_backward", RETURNED))
    assert "), W and dA_prev are swapped. Fixing this alone makes dA_prev right; dW is" in text
    verdict = judged("momentum_step", DECAYING)
    assert verdict.repair is None and "No line reads dw." in said(verdict)


def test_a_variable_that_is_right_to_ignore_in_some_checks_is_not_blamed():
    """Without the factor stride, whose name holds the padding, the checks with stride 1 pass."""
    text = function_source(loops.conv_backward)
    assert 'stride = hparameters["stride"]' in text
    text = text.replace('stride = hparameters["stride"]', 'stride = hparameters["pad"]')
    verdict = judged("conv_backward", text, zero_pad=loops.zero_pad)
    assert verdict.repair is None or verdict.repair.is_full
    assert 'hparameters["stride"]' in said(verdict)


class Remote:
    """A function in another process, as nbjudge shows it: no code, but a source."""

    def __init__(self, function, source):
        self.function, self.__source__ = function, (source, 1)

    def __call__(self, *arguments):
        return self.function(*arguments)

    def processor_seconds(self):
        return time.process_time()

    def with_source(self, text, is_variant=True):
        own = {}
        exec(text, self.function.__globals__, own)
        return Remote(own.popitem()[1], text)

    def with_names(self, **names):
        def function(*arguments):
            self.function.__globals__.update(
                {n: v.function if isinstance(v, Remote) else v for n, v in names.items()}
            )
            return self.function(*arguments)

        return function


def test_a_function_that_nbjudge_runs_has_all_that_a_remote_one_needs():
    needed = {name for name in vars(beside.Remote) if not name.startswith("_")}
    needed |= {"__call__", *beside.Remote.__annotations__}
    with_names = remote.Remote.with_names(object.__new__(remote.Remote), n=1)
    assert needed <= {*dir(remote.Remote)}
    assert needed - {"__source__"} <= {*dir(with_names)}


def test_a_graded_function_is_changed_where_it_runs():
    source = ONE_PRODUCT.strip()
    remote = Remote(written(source), source)
    verdict = EXERCISES["conv_single_step"].judge(remote, 3)
    assert verdict.repair
    first, *rest = describe(explain(verdict, graded=True)).splitlines()
    assert "points. In line 7 (Z = a_slice_prev[i, j, k] * W[i, j, k]), = should be +=" in first
    assert rest[:2] == ["", "Fixing this alone makes every case right."]
    assert "In line 7" not in " ".join(rest)


class Slow(Remote):
    """A function in a process that takes a second for every request, by a clock of its own."""

    clock = 0.0

    def with_source(self, text, is_variant=True):
        return Slow(super().with_source(text).function, text)

    def with_names(self, **names):
        function = super().with_names(**names)

        def slow(*arguments):
            Slow.clock += 1
            return function(*arguments)

        return slow


def test_what_is_found_does_not_depend_on_a_clock(monkeypatch):
    monkeypatch.setattr(search, "SECONDS", 60)  # the safety limit is not the subject here
    for name in ("monotonic", "process_time", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: Slow.clock)
    source = ONE_PRODUCT.strip()
    texts = {
        describe(
            explain(
                EXERCISES["conv_single_step"].judge(kind(written(source), source), 3), graded=True
            )
        )
        for kind in (Remote, Slow)
    }
    assert Slow.clock > 5 and len(texts) == 1 and "= should be +=" in texts.pop()


@pytest.mark.parametrize("budget", [0, 100, 1000])
def test_the_calls_with_changes_stay_within_the_budget(monkeypatch, budget):
    monkeypatch.setattr(trials, "BUDGET", budget)
    text = "calls = 0\n" + ONE_PRODUCT.replace("return Z +", "count()\n    return 2 * Z +")
    counted = itertools.count()
    judged("conv_single_step", text, count=counted.__next__)
    with_changes = next(counted)
    monkeypatch.setattr(trials, "BUDGET", 0)
    judged("conv_single_step", text, count=counted.__next__)
    without = next(counted) - with_changes - 1
    assert with_changes - without <= budget / trials.COST
    assert budget < 1000 or with_changes > without


FORGED = [None, 5, "", [], ([[1]], 5), ([[1, 2]], 5), ([5], 5), ([[1, [2]]], 5), ([], "left")]


@pytest.mark.parametrize("answer", FORGED, ids=repr)
def test_a_forged_answer_explains_nothing_and_fails_nothing(monkeypatch, answer):
    source = ONE_PRODUCT.strip()
    monkeypatch.setattr(Remote, "with_names", lambda *_, **__: lambda *_: answer)
    verdict = EXERCISES["conv_single_step"].judge(Remote(written(source), source), 3)
    assert not verdict.passed and verdict.repair is None


def test_a_process_that_ends_explains_nothing_and_fails_nothing(monkeypatch):
    def ends(*_):
        raise LookupError("the process that held this function has ended")

    source = ONE_PRODUCT.strip()
    monkeypatch.setattr(Remote, "with_source", ends)
    verdict = EXERCISES["conv_single_step"].judge(Remote(written(source), source), 3)
    assert not verdict.passed and verdict.repair is None


def test_names_that_a_student_has_redefined_do_not_matter():
    text = "list = len = tuple = dict = range_ = print = None\n" + ONE_PRODUCT
    assert judged("conv_single_step", text).repair


def test_while_a_notebook_is_graded_only_its_graded_cells_diagnose(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    function = cell(ONE_PRODUCT)["conv_single_step"]
    said = message(conv_single_step_test, function)
    assert "What happened" not in said
    assert "The graded cell of conv_single_step judges new inputs and gives the reason" in said
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")  # the Validate button
    assert "What happened" in message(conv_single_step_test, function)
    assert EXERCISES["conv_single_step"].judge(function, 3).repair


def nothing_yet(name):
    """Yield functions that hold nothing of a solution: arguments handed back, zeros, numbers."""
    function = getattr(loops, name, None) or EXERCISES[name].loops
    arguments = list(case_set(name).cases[0].arguments)
    head = next(line for line in function_source(function).splitlines() if line.startswith("def "))
    returns = EXERCISES[name].returns
    for value in ("None", "0", "1", *arguments, *(f"np.zeros_like({a})" for a in arguments)):
        yield f"{head}\n    return {', '.join([value] * len(returns))}"
    yield f"{head}\n    raise NotImplementedError"
    yield f"{head}\n    pass"


@pytest.mark.parametrize("name", NAMES)
def test_no_message_turns_a_stub_into_a_solution(name):
    """A student who only obeys messages, from a function that holds nothing of a solution."""
    for source in nothing_yet(name):
        verdict = judged(name, source)
        assert verdict.repair is None or verdict.passed, (source, sentences(verdict.repair))


@pytest.mark.parametrize("name", ["conv_single_step", "softmax", "output_size"])
def test_what_is_said_of_a_change_never_contains_the_right_line(name):
    right = {line.strip() for line in EXERCISES[name].solution_text().splitlines()}
    for mistake in EXERCISES[name].mistakes:
        source = EXERCISES[name].solution_text(mistake)
        missing = right - {line.strip() for line in source.splitlines()}
        repair = judged(name, source).repair
        for change in repair.changes if repair else ():
            assert not any(line in change.clause for line in missing)


def test_np_is_not_among_what_is_kept():
    assert not _keeps_values(written(ONE_PRODUCT))
    assert _keeps_values(written("kept = np.ones(2)\ndef f(x):\n    return kept + x"))
