"""Whole submissions: cells of all kinds, files from other programs, time limits."""

import copy

import numpy as np
import pytest

from tests.support.engines import STUB, busy_processes, cells_of, grade_id_of, new_cell, spec
from tests.support.questions import DOUBLE, question, with_hidden
from tests.support.submissions import SAVED_BY


def test_a_cell_that_is_too_much_for_the_parser_costs_nothing_else(judge):
    cell_spec = spec(
        ("def f(x):\n    return x", "solution", "f"),
        ("assert f(1) == 1", "test", "t"),
        ("def g(x):\n    return x", "solution", "g"),
        ("assert g(1) == 1", "test", "u"),
    )
    cells = cells_of(cell_spec)
    many = "def g(x):\n    if x == 0:\n        return 0\n"
    many += "".join(f"    elif x == {n}:\n        return {n}\n" for n in range(1, 1500))
    cells[2] = new_cell(many)
    assert judge(cell_spec, cells).scores["t"] == 1
    # IPython stops after 500 transformations of a cell.
    cells[2] = new_cell("!x\n" * 501 + "def g(x):\n    return x")
    assert judge(cell_spec, cells).scores["t"] == 1


ORDER = (
    ("def helper(x):\n    return 0", "solution", "helper_"),
    ("assert helper(2) == 4", "test", "helper_test"),
    ("def square(x):\n    return helper(x)", "solution", "square_"),
    ("helper = lambda x: x * x\nassert square(3) == 9", "test", "square_test"),
    ("def square(x):\n    return x * x", "locked", "given"),
    ("assert square(4) == 16", "test", "given_test"),
)


@pytest.mark.parametrize("moved", ["helper_test", "square_test", "helper_", "square_"])
@pytest.mark.parametrize("copied", [False, True])
def test_no_test_comes_after_a_cell_that_reveals_its_answer(judge, moved, copied):
    cell_spec = spec(*ORDER)
    cells = cells_of(cell_spec)
    one = next(cell for cell in cells if grade_id_of(cell) == moved)
    cells.append(copy.deepcopy(one))
    if not copied:
        cells = [cell for cell in cells if cell is not one]
    answer = judge(cell_spec, cells)
    assert answer.scores["helper_test"] == 0
    assert answer.scores["square_test"] == 1  # as in any other order


# manually graded cells, and cells that run in the student's process


def test_manually_graded_cells_are_left_to_an_instructor(judge):
    cell_spec = spec(
        ("plot(1)", "manual", "plot", 2),
        ("words", "essay", "essay", 3),
        ("Draw.", "task", "task", 4),
        ("def f(): pass", "solution", "f"),
    )
    answer = judge(cell_spec)
    assert answer.scores == {"plot": None, "essay": None, "task": None}
    assert answer.unanswered == []
    cells = cells_of(cell_spec, plot=STUB, essay="YOUR ANSWER HERE\n", f=STUB)
    answer = judge(cell_spec, cells)
    assert answer.scores == {"plot": 0.0, "essay": 0.0, "task": None}
    assert {"plot", "essay", "f"} <= set(answer.unanswered)


BLANK = {
    "empty": "",
    "spaces": "   ",
    "blank lines": "\n \t\n",
    "spaces that do not break, and of no width": "\u00a0\u200b\ufeff",
    "as handed out": "YOUR ANSWER HERE",
    "as handed out, among blank lines": "\n\nYOUR ANSWER HERE  \n",
}


@pytest.mark.parametrize("kind", ["essay", "manual"])
@pytest.mark.parametrize("text", BLANK.values(), ids=BLANK)
def test_a_blank_answer_earns_nothing_and_waits_for_nobody(judge, kind, text):
    cell_spec = spec(("a model answer", kind, "answer", 3))
    if kind == "manual":
        text = text.replace("YOUR ANSWER HERE", STUB)
    answer = judge(cell_spec, {"answer": text})
    assert answer.scores == {"answer": 0.0}
    assert answer.unanswered == ["answer"]


@pytest.mark.parametrize("text", [".", "0", "YOUR ANSWER HERE: yes", "![](attachment:a.png)"])
def test_any_sign_of_an_answer_waits_for_a_person(judge, text):
    answer = judge(spec(("a model answer", "essay", "answer", 3)), {"answer": text})
    assert answer.scores == {"answer": None}
    assert answer.unanswered == []


def test_a_test_in_the_child_runs_as_in_nbgrader(judge):
    cell_spec = spec(
        ("_inner = []\ndef f():\n    _inner.append(1)\n    return _inner", "solution", "f"),
        ("assert f() is _inner", "child test", "t", 2),
        ("assert len(_inner) == 1", "child test", "u", 2),
    )
    answer = judge(cell_spec)
    assert answer.scores == {"t": 2.0, "u": 2.0}
    answer = judge(cell_spec, {"f": "def f(): return 1"})
    assert answer.scores == {"t": 0.0, "u": 0.0}


@pytest.mark.parametrize(
    ("last_line", "score"),
    [
        ("x", 1.0),
        ("0.5", 0.5),
        ("-1", 0.0),  # unlike in nbgrader
        ("'text'", 2.0),
        ("x == 2", 2.0),
        ("3", None),
        ("x;", 2.0),
        ("1 / 0", 0.0),
        ("import sys\nprint('a word', file=sys.stderr)", 0.0),
        ("import os\nos._exit(0)", 0.0),
    ],
)
def test_a_test_in_the_child_is_scored_as_in_nbgrader(judge, last_line, score):
    cell_spec = spec(("x = 1", "solution", "f"), (last_line, "child test", "t", 2))
    assert judge(cell_spec).scores == {"t": score}


def test_tests_in_the_child_have_what_earlier_tests_defined_and_others_do_not_see_it(judge):
    cell_spec = spec(
        ("def f(): return 1", "solution", "f"),
        ("def helper(): return f()\nassert f() == 1", "test", "t", 1),
        ("assert helper() == 1\nother = 3", "child test", "u", 2),
        ("assert helper() == f() and 'other' not in globals()", "test", "v", 3),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "u": 2.0, "v": 3.0}


def test_what_a_test_in_the_child_is_attacked_by_stays_in_the_child(judge):
    """A function that finds the child's test and passes it earns nothing in tests outside."""
    cell_spec = spec(
        ("def f(): return 1", "solution", "f"),
        ("assert f() == 1", "test", "t", 1),
        ("assert f() == 1", "child test", "u", 2),
    )
    forged = "class Anything:\n    def __eq__(self, other): return True\ndef f(): return Anything()"
    assert judge(cell_spec, {"f": forged}).scores == {"t": 0.0, "u": 2.0}


def test_hidden_lines_of_tests_outside_stay_out_of_the_child(judge):
    cell_spec = spec(
        ("def f(): return 1", "solution", "f"),
        (with_hidden("assert f() == 1, 'SECRET of t'"), "test", "t", 1),
        (with_hidden("assert f() == 1, 'SECRET of u'"), "child test", "u", 2),
    )
    look = "def f():\n    print([text.partition('SECRET')[2][:5] for text in In])\n    return 1"
    answer = judge(cell_spec, {"f": look})
    assert answer.scores == {"t": 1.0, "u": 2.0}
    assert "of u" in answer.shown("u") and "of t" not in answer.shown("u")


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        ("def f():\n    while True: print('much ' * 1000)", "f()"),
        ("def f(): print('much ' * 1_000_000)", "f()\nassert False"),
        ("def f(): print('much ' * 1_000_000)", "f()\n0"),
        (
            "import sys\ndef f(): print('much ' * 1_000_000)",
            "import sys\nf()\nprint(1, file=sys.stderr)",
        ),
        (
            "def f():\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass",
            "f()",
        ),
    ],
    ids=["endless", "error", "value", "stderr", "deaf"],
)
def test_a_test_in_the_child_earns_nothing_by_printing_much_or_taking_long(judge, answer, test):
    cell_spec = spec(("def f(): pass", "solution", "f"), (test, "child test", "t", 2))
    assert judge(cell_spec, {"f": answer}, limits={"test_seconds": 2.0}).scores == {"t": 0.0}


def test_the_score_of_a_test_in_the_child_does_not_depend_on_what_other_cells_print(judge):
    cell_spec = spec(
        *[("for _ in range(1000):\n    print('much ' * 1000)", "plain")] * 30,
        ("def f(): return 1", "solution", "f"),
        ("assert f() == 1", "test", "t", 1),
        ("assert f() == 2", "child test", "u", 2),
        ("assert f() == 1\n1", "child test", "v", 2),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "u": 0.0, "v": 1.0}


@pytest.mark.parametrize(
    ("line", "is_shown"),
    [
        ("assert f() == 2, 'about f'", True),
        ("int('about f')", False),
        ("raise RuntimeError('about f')", False),
    ],
)
def test_errors_of_hidden_lines_in_the_child_show_what_those_outside_show(judge, line, is_shown):
    cell_spec = spec(
        ("def f(): return 1", "solution", "f"), (with_hidden(line), "child test", "u", 2)
    )
    answer = judge(cell_spec)
    assert answer.scores == {"u": 0.0}
    shown = answer.shown("u")
    assert ("about f" in shown) == is_shown and line not in shown
    assert "perhaps in a hidden line" in shown


def test_a_limit_that_a_test_in_the_child_meets_is_reported(judge):
    cell_spec = spec(
        ("def f():\n    while True: pass", "solution", "f"),
        ("f()", "child test", "u", 2),
        ("assert 1 == 1", "test", "v", 1),
    )
    answer = judge(cell_spec, limits={"test_seconds": 1.0})
    assert answer.scores == {"u": 0.0, "v": 1.0}
    assert answer.data.causes and answer.data.limited == ["u"]


def test_every_test_is_judged_both_ways_for_a_comparison(judge):
    cell_spec = spec(
        ("class Person: age = 3\nperson = Person()", "solution", "f"),
        ("assert Person().age == 3", "test", "t", 1),
        ("assert person.age == 3\n_ = f_missing", "test", "u", 2),
        ("assert 'person' in dir()\n'no number'", "test", "v", 2),
    )
    answer = judge(cell_spec, compare=True)
    assert answer.data.compared == {"t": 1.0, "u": 0.0, "v": 2.0}
    assert answer.scores["t"] == 1.0 and answer.scores["u"] == 0.0


# submissions from other programs


@pytest.mark.parametrize("program", SAVED_BY)
def test_a_notebook_saved_elsewhere_scores_as_its_jupyter_twin(judge, program):
    cell_spec = spec(
        ("import numpy as np", "locked", "setup"),
        ("def double(x):\n    y = 2 * x\n    return y", "solution", "f"),
        (
            "assert double(2) == 4\n"
            "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
            "test",
            "t",
            2,
        ),
        ("essay", "essay", "e", 1),
        ("def triple(x): return 3", "solution", "g"),
        ("assert triple(2) == 6", "test", "u", 3),
    )
    twin = judge(cell_spec, cells_of(cell_spec))
    assert twin.scores == {"t": 2.0, "e": None, "u": 0.0}
    other = judge(cell_spec, SAVED_BY[program](cells_of(cell_spec)))
    assert other.scores == twin.scores
    assert other.faults == other.repairs == []
    assert [grade_id_of(c) for c in other.cells] == [grade_id_of(c) for c in twin.cells]


def test_a_file_that_is_no_notebook_is_unreadable(judge):
    data = judge.answer(question("x = 1", "x"), b"not a notebook")
    assert data.reason.startswith("not a Jupyter notebook")


def test_a_notebook_without_metadata_scores_as_with_it(judge):
    cell_spec = question(DOUBLE, "assert double(2) == 4", 2)
    cells = cells_of(cell_spec)
    for cell in cells:
        cell["metadata"] = {}
    answer = judge(cell_spec, cells)
    assert answer.scores == {"t": 2.0} and answer.repairs


def test_a_deleted_and_a_copied_test_cell_cost_nothing(judge):
    cell_spec = question(DOUBLE, "assert double(2) == 4", 2)
    cells = cells_of(cell_spec)
    assert judge(cell_spec, cells[:1]).scores == {"t": 2.0}
    assert judge(cell_spec, [*cells, dict(cells[1])]).scores == {"t": 2.0}
    assert judge(cell_spec, cells[::-1]).scores == {"t": 2.0}


def test_a_notebook_knows_that_it_is_graded_as_nbgrader_says_it(judge):
    graded = spec(("import os\nos.environ['NBGRADER_EXECUTION']", "plain"))
    assert "autograde" in judge(graded).shown(0)


def test_a_fork_that_a_student_forgot_to_end_does_no_harm(passes):
    passes(
        "import os\nos.fork()\ndef f(x):\n    os.fork()\n    return 2 * x",
        "assert [f(n) for n in range(20)] == list(range(0, 40, 2))",
    )


def test_a_fork_that_ends_in_an_exception_shows_none(passes):
    source = """
import os
class Shown(Exception):
    def __str__(self):
        open("shown", "w").close()
        return ""
child = os.fork()
if child == 0:
    raise Shown
status = os.waitpid(child, 0)[1]
def f():
    return os.path.exists("shown"), status >> 8
"""
    passes(source, "assert f() == (False, 1)")


def test_numbers_of_this_process_are_not_changed_by_judging(judge):
    state = np.random.get_state()[1].copy()
    judge(question("x = 1", "assert x == 1"))
    assert np.array_equal(state, np.random.get_state()[1])


def test_an_argument_that_is_too_large_is_the_tests_fault(judge):
    cell_spec = question("def f(x): return 1", "import numpy as np\nassert f(np.ones(2**24)) == 1")
    answer = judge(cell_spec)
    assert answer.scores == {"t": None}
    assert "the limit is" in answer.faults[0].reason


def test_only_the_time_of_a_processor_counts_against_a_cells_limit(judge):
    """In wall-clock time a cell may take three times its limit."""
    cell_spec = spec(
        ("import time\ntime.sleep(2.5)\nslept = True", "solution", "s"),
        ("while True:\n    pass", "plain"),
        ("assert slept", "test", "t"),
    )
    answer = judge(cell_spec, limits={"cell_seconds": 2})
    assert answer.scores == {"t": 1.0}
    assert answer.cell("s")["outputs"] == []
    assert "ran for more than 2 seconds and was interrupted" in answer.shown(1)
    assert "KeyboardInterrupt" in answer.shown(1)


def test_a_cell_that_only_waits_is_interrupted_too(judge):
    cell_spec = spec(("import time\ntime.sleep(100)", "plain"))
    answer = judge(cell_spec, limits={"cell_seconds": 0.5})
    assert "ran for more than 0.5 seconds and was interrupted" in answer.shown(0)


def test_on_a_busy_machine_a_cell_still_has_its_time_of_a_processor(judge):
    works = """
import time
end = time.process_time() + 0.8
while time.process_time() < end:
    pass
worked = True
"""
    cell_spec = spec((works, "solution", "s"), ("assert worked", "test", "t"))
    with busy_processes(10):
        answer = judge(cell_spec, limits={"cell_seconds": 1})
    assert answer.scores == {"t": 1.0}
    assert answer.cell("s")["outputs"] == []


def test_an_endless_loop_that_ignores_every_interrupt_is_ended(judge):
    ignores = """
import signal
for one in (signal.SIGPROF, signal.SIGINT):
    signal.signal(one, signal.SIG_IGN)
while True:
    pass
"""
    cell_spec = spec((ignores, "plain"), ("assert 1", "test", "t"))
    answer = judge(cell_spec, limits={"cell_seconds": 0.5})
    assert answer.scores == {"t": 1.0}
    assert "could not be interrupted" in answer.shown(0)


# time limit of a submission

NEVER_ENDS = (
    ("import time\ndef wait(x):\n    time.sleep(x)", "solution", "w"),
    ("assert 1", "test", "before"),
    ("wait(100)", "test", "waits"),
    ("late = 1", "plain"),
    ("assert wait(0) is None", "test", "after"),
    ("assert 2", "test", "own"),
)
USED_UP = "The time limit for a submission was reached before this."


@pytest.fixture(scope="module")
def out_of_time(judge):
    return judge(spec(*NEVER_ENDS), limits={"submission_seconds": 4})


def test_a_call_that_the_time_of_the_submission_stops_is_interrupted_as_any_other(out_of_time):
    shown = out_of_time.shown("waits")
    assert "This ran until the time limit for a submission was reached.\n" in f"{shown}\n"


def test_a_stopped_call_has_time_to_clean_up(judge):
    stubborn = "import time\ndef wait(x):\n    try:\n        time.sleep(x)\n    finally:\n"
    stubborn += "        time.sleep(1)"
    answer = judge(spec(*NEVER_ENDS), {"w": stubborn}, limits={"submission_seconds": 4})
    assert "TimeoutError" in answer.shown("waits")


def test_a_cell_that_the_time_of_the_submission_stops_says_so(judge):
    cell_spec = spec(("import time\ntime.sleep(100)", "plain"), ("assert 1", "test", "t"))
    answer = judge(cell_spec, limits={"submission_seconds": 4})
    assert "time limit for a submission was reached and was interrupted" in answer.shown(0)
    assert "20 seconds" not in answer.shown(0)
    assert answer.scores == {"t": 1.0}


def test_cells_after_the_time_limit_of_the_submission_say_so(out_of_time):
    answer = out_of_time
    assert answer.scores == {"before": 1.0, "waits": 0.0, "after": 0.0, "own": 1.0}
    assert answer.shown(3).startswith(f"CellDied\n{USED_UP}\nCellDied: {USED_UP}\n")
    assert "The notebook exceeded the time limit for all its cells together." in answer.shown(3)
    assert f"CodeDied: {USED_UP}" in answer.shown("after")
    assert answer.remarks == [
        "The time limit for a submission (4 seconds) was reached before the end of the notebook: "
        "the rest of the student's code was not run."
    ]


def test_a_submission_that_is_done_in_time_says_nothing_of_it(judge):
    answer = judge(question(DOUBLE, "assert double(2) == 4"), limits={"submission_seconds": 30})
    assert answer.remarks == []


# cells that run again after a session died

CRASH = "def f(x):\n    import os\n    os._exit(0)"
SLOW = ("import time\ntime.sleep(1.5)", "plain")
TWO_QUESTIONS = (
    ("def f(x):\n    return x", "solution", "f"),
    ("def g(x):\n    return x", "solution", "g"),
)
WITH_ALARM = """
import signal

def stop(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, stop)
for x, seconds in ((1, 10), (2, 0.7)):
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        f(x)
    except BaseException as error:
        print(type(error).__name__)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
raise AssertionError
"""


def test_a_time_limit_of_the_test_that_stops_the_replay_leaves_no_half_of_a_session(judge):
    cell_spec = spec(
        SLOW, *TWO_QUESTIONS, (WITH_ALARM, "test", "f_test"), ("assert g(1) == 1", "test", "g_test")
    )
    answer = judge(cell_spec, {"f": CRASH})
    assert "SessionDiedError\nKeyboardInterrupt\n" in answer.shown("f_test")
    assert answer.scores == {"f_test": 0.0, "g_test": 1.0}, answer.shown("g_test")


def test_the_cells_that_are_run_again_take_no_time_of_the_next_test(judge):
    cell_spec = spec(
        ("import time\ntime.sleep(3)", "plain"),
        *TWO_QUESTIONS,
        ("assert f(1) == 1", "test", "f_test"),
        ("assert g(1) == 1", "test", "g_test"),
    )
    answer = judge(cell_spec, {"f": CRASH}, limits={"test_seconds": 2.0})
    assert answer.scores == {"f_test": 0.0, "g_test": 1.0}, answer.shown("g_test")
