"""Failures caused by the grader's limits are reported as such; other errors are the student's."""

import os
import re
import sys

import pytest

from nbjudge.course.outcome import GradingOutcome, Judgment, limits_met
from nbjudge.judging import causes
from nbjudge.judging.causes import CAUSES, explain, python_version
from nbjudge.sandbox.levels import NAMES, SAFE
from nbjudge.wire.outputs import REPORT
from nbjudge.wire.requests import Cause
from tests.support.benches import bench
from tests.support.engines import cells_of, new_cell, spec

LIBRARIES = re.compile(
    r"site-packages|File [a-z/_]+\.py|" + re.escape(os.path.dirname(os.__file__))
)
F = "\ndef f(x):\n    return x"
NEWER = (
    "except ValueError, TypeError:" if sys.version_info >= (3, 12) else 'd = {"a": 1}\nf"{d["a"]}"'
)
if sys.version_info >= (3, 12):
    NEWER = f"try:\n    pass\n{NEWER}\n    pass"
# Code in a solution cell before it defines f, the cause, and a part of the message to the student.
# These causes do not depend on isolation.
ANYWHERE = {
    "endless loop": ("while True: pass", "time limit", "ran for more than 1 seconds"),
    "waiting": ("import time\ntime.sleep(600)", "time limit", "ran for more than 1 seconds"),
    "package": (
        "import nopackage as n\nn.f()",
        "package missing: nopackage",
        "does not have nopackage; it",
    ),
    "part of a package": (
        "from nopackage.part import f as g\ng()",
        "package missing: nopackage",
        "does not have nopackage; it has Python",
    ),
    "Colab": ("from google.colab import files\nfiles.upload()", "Colab only", "not Google Colab"),
    "input": ("n = input('n? ')", "no terminal", "asks for input"),
    "password": ("import getpass\nn = getpass.getpass()", "no terminal", "asks for input"),
    "debugger": ("import pdb\npdb.set_trace()\ny = 1", "no terminal", "asks for input"),
}
LIMITS = {
    "array": ("import numpy as np\nnp.ones(10**13)", "memory limit", "than the grader allows"),
    "large file": ("open('x', 'wb').write(bytes(5 << 20))", "disk limit", "wrote more to files"),
    "large array": (
        "import numpy as np\nnp.save('x', np.zeros(1 << 20))",
        "disk limit",
        "wrote more to files",
    ),
    "open files": ("x = [open(f'f{i}', 'w') for i in range(99)]", "process limit", "(64)"),
}
ISOLATED = {
    "address": (
        "import urllib.request\nurllib.request.urlopen('http://example.org')",
        "no network",
        "the grader has no network access",
    ),
    "socket": (
        "import socket\nsocket.create_connection(('192.0.2.1', 80))",
        "no network",
        "the grader has no network access",
    ),
    "closed folder": ("open('/usr/x', 'w')", "other folders", "The code uses /usr/x, but"),
    "folder of Colab": ("open('/content/x.csv')", "other folders", "uses /content/x.csv, but"),
    "folder of Windows": (r"open('C:\\x.csv')", "other folders", r"The code uses C:\x.csv, but"),
    "processes": (
        "import subprocess\nx = [subprocess.Popen(['sleep', '99']) for _ in range(99)]",
        "process limit",
        "(40)",
    ),
}
if sys.version_info < (3, 14):
    ANYWHERE["newer syntax"] = NEWER, "newer Python: ", f"runs Python {python_version()}"


@pytest.fixture(scope="module", params=NAMES)
def at(request):
    """A function that judges at a level of isolation with low limits."""
    limits = {"memory": 600 << 20, "processes": 40, "file_size": 4 << 20, "open_files": 64}
    one = bench(request.param, **limits)
    yield lambda *parts, **changes: one(spec(*parts), limits={"cell_seconds": 1}, **changes)
    one.stop()


def reports(answer, cell="t"):
    """Return the reports of a test cell."""
    outputs = answer.cell(cell)["outputs"]
    return [item["data"][REPORT] for item in outputs if REPORT in item.get("data", {})]


def check(answer, name, says):
    """Check that a test failed for a cause, which student and instructor can read."""
    assert answer.scores == {"t": 0.0}
    (report,) = reports(answer)
    assert says in report["headline"]
    (diagnosis,) = report["diagnoses"]
    assert diagnosis["name"].startswith(name) and diagnosis["text"] == report["headline"]
    assert diagnosis["next"] and "KeyboardInterrupt" not in report["case"]
    assert not LIBRARIES.search(report["case"])
    (cause,) = answer.data.causes
    assert cause.name == diagnosis["name"] and "{students}" in cause.instructor
    assert answer.data.limited == ["t"] * (cause.name in causes.LIMITS)


def check_cell(answer, name, says):
    """Check that the failed cell also reports the cause."""
    check(answer, name, says)
    assert f"[{answer.data.causes[0].says}" in answer.shown("f").replace("\n\n", "\n")


@pytest.mark.parametrize(("source", "name", "says"), ANYWHERE.values(), ids=ANYWHERE)
def test_a_cause_in_a_solution_cell(judge, source, name, says):
    cell_spec = spec((source + F, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    check_cell(judge(cell_spec, limits={"cell_seconds": 1}), name, says)


@pytest.mark.parametrize(("source", "name", "says"), LIMITS.values(), ids=LIMITS)
def test_a_limit_that_a_solution_cell_meets(at, source, name, says):
    check_cell(at((source + F, "solution", "f"), ("assert f(1) == 1", "test", "t")), name, says)


@pytest.mark.parametrize(("source", "name", "says"), ISOLATED.values(), ids=ISOLATED)
def test_a_cause_of_isolation_in_a_solution_cell(request, at, source, name, says):
    if request.node.callspec.params["at"] not in SAFE:
        pytest.skip("without isolation, student code has the network and all folders")
    check(at((source + F, "solution", "f"), ("assert f(1) == 1", "test", "t")), name, says)


IN_CALLS = {name: ANYWHERE[name] for name in ("package", "Colab", "input")}
LIMITS_IN_CALLS = {name: LIMITS[name] for name in ("array", "large file")}


def in_a_call(source):
    source = "def f(x):\n    " + source.replace("\n", "\n    ")
    return (source, "solution", "f"), ("assert f(1) == 1", "test", "t")


@pytest.mark.parametrize(("source", "name", "says"), IN_CALLS.values(), ids=IN_CALLS)
def test_a_cause_in_a_call(judge, source, name, says):
    check(judge(spec(*in_a_call(source))), name, says)


@pytest.mark.parametrize(("source", "name", "says"), LIMITS_IN_CALLS.values(), ids=LIMITS_IN_CALLS)
def test_a_limit_that_a_call_meets(at, source, name, says):
    check(at(*in_a_call(source)), name, says)


WAITS = "import time\ndef f(x):\n    while True:\n        time.sleep(60)"
STUBBORN = """import time
def f(x):
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""
LIMITED = {"test_seconds": 1}


@pytest.mark.parametrize("source", [WAITS, STUBBORN], ids=["waiting", "not to be interrupted"])
def test_the_time_of_a_test_is_a_cause(judge, source):
    cell_spec = spec((source, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    answer = judge(cell_spec, limits=LIMITED)
    check(answer, "test time", "took more than 1 seconds and were stopped")
    assert "session.py" not in answer.shown("t")


def test_the_time_of_a_test_in_the_child_is_a_cause(judge):
    cell_spec = spec((WAITS, "solution", "f"), ("assert f(1) == 1", "child test", "t"))
    answer = judge(cell_spec, limits=LIMITED)
    assert answer.scores == {"t": 0.0}
    assert [cause.name for cause in answer.data.causes] == ["test time"]
    assert "took more than 1 seconds and were stopped" in answer.shown("t")
    assert "a loop that never ends" in answer.shown("t")
    assert "TimeoutError: The tests did not finish within their time limit." in answer.shown("t")
    assert "KeyboardInterrupt" not in answer.shown("t")


CATCHES = """
import traceback
said = []
for number in range(3):
    try:
        f(number)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        said.append((type(error).__name__, error.nbjudge_cause.name, frames))
        print(said[-1][:2], "in", [frame.line for frame in frames[-1:]])
        print([frame.name for frame in frames if "session.py" in frame.filename])
0
"""


@pytest.mark.parametrize(
    ("source", "first"), [(WAITS, "TimeoutError"), (STUBBORN, "SessionDiedError")]
)
def test_a_test_that_catches_the_time_limit_sees_its_cause_and_no_frames(judge, source, first):
    """Later calls are skipped. The first one shows the student's line, if there is one."""
    answer = judge(spec((source, "solution", "f"), (CATCHES, "test", "t")), limits=LIMITED)
    shown = answer.shown("t")
    names = [first, "TimeoutError", "TimeoutError"]
    assert shown.count(", 'test time')") == 3 and shown.count("\n[]") == 3
    assert [line[2:].split("'")[0] for line in shown.splitlines() if "test time" in line] == names
    assert shown.count("time.sleep(60)") == (first == "TimeoutError")
    assert [cause.name for cause in answer.data.causes] == ["test time"]


def test_memory_that_ends_the_process(at):
    """Two forks exceed 600 MB together, but neither is large enough to be killed alone."""
    source = "def f(x):\n    import os, time\n    for _ in range(2):\n        if os.fork() == 0:\n"
    source += (
        "            kept = b'x' * (312 << 20)\n            time.sleep(60)\n    time.sleep(60)"
    )
    answer = at((source, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    check(answer, "memory limit", "than the grader allows")


def test_the_location_includes_lines_of_the_students_modules(judge):
    helper = b"import numpy as np\ndef g():\n    return np.ones(10**13)\n"
    cell_spec = spec(("import helper\nhelper.g()" + F, "solution", "f"), ("f(1);", "test", "t"))
    answer = judge(cell_spec, files={"helper.py": helper})
    check(answer, "memory limit", "than the grader allows")
    assert "helper.py:3, in g()" in reports(answer)[0]["case"]
    assert "File numpy/_core/numeric.py" in answer.shown("f")


NAMES_FILES = """import numpy as np, sys, traceback, warnings
np.mean([])
try:
    np.linalg.inv(np.zeros((2, 2)))
except Exception:
    traceback.print_exc()
sys.path += [None]
from numpy import nothing
"""


def test_no_output_names_a_folder_of_the_machine(judge):
    call = f"def f(x):\n    {NAMES_FILES}".replace("\n", "\n    ")
    cell_spec = spec(
        (NAMES_FILES, "solution", "g"), (call, "solution", "f"), ("assert f(1) == 1", "test", "t")
    )
    answer = judge(cell_spec)
    shown = answer.shown("g") + answer.shown("t")
    assert not re.search("site-packages|/lib/", shown)
    assert shown.count("from 'numpy' (numpy/__init__.py)") >= 2
    assert "numpy/_core/fromnumeric.py" in shown and 'File "numpy/linalg/' in shown


ORDINARY = {
    "error": "1 / 0",
    "misspelled module": "import nmupy as np",
    "missing part of a package": "import json.nothing",
    "no file": "open('x.csv')",
    "colon": "if True\n    pass",
    "Python 2": "print 'text'",
    "own error": "raise OSError('no')",
    "name": "print(nothing)",
}


@pytest.mark.parametrize("source", ORDINARY.values(), ids=ORDINARY)
def test_an_ordinary_error_is_the_students(judge, source):
    cell_spec = spec((source + F, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    answer = judge(cell_spec)
    assert answer.scores == {"t": 0.0}
    assert reports(answer) == [] and answer.data.causes == []
    assert "rader" not in answer.shown("f") + answer.shown("t")


def test_a_call_that_fails_by_a_name_of_a_helper_cell(judge):
    cell_spec = spec(
        ("def f(x):\n    return n.f(x)", "solution", "f"), ("assert f(1) == 1", "test", "t")
    )
    answer = judge(cell_spec, [new_cell("import nopackage as n\nn.f()"), *cells_of(cell_spec)])
    check(answer, "package missing: nopackage", "does not have nopackage")


def test_a_cause_that_costs_nothing_is_not_reported_to_the_instructor(judge):
    cell_spec = spec((F + "\ninput()", "solution", "f"), ("assert f(1) == 1", "test", "t"))
    answer = judge(cell_spec, [new_cell("input()"), *cells_of(cell_spec)])
    assert answer.scores == {"t": 1.0} and answer.data.causes == []
    assert "asks for input" in answer.shown(0) and "asks for input" in answer.shown("f")


def test_a_cause_in_an_answer_that_a_person_grades(judge):
    answer = judge(spec(("import nopackage\nnopackage.f()", "manual", "plot", 2)))
    assert [cause.name for cause in answer.data.causes] == ["package missing: nopackage"]


# imports that nothing uses

UNUSED = (
    "import nopackage",
    "import nopackage as n",
    "import nopackage.part as n",
    "from nopackage import DataFrame, Series",
    "import math, nopackage as n\nmath.pi",
    "from google.colab import files",
)


@pytest.mark.parametrize("source", UNUSED)
def test_a_cell_is_run_without_an_import_that_it_does_not_use(judge, source):
    cell_spec = spec((source + F, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    answer = judge(cell_spec)
    assert answer.scores == {"t": 1.0}
    assert {cause.name.partition(":")[0] for cause in answer.data.causes} == {"unused import"}
    for note in answer.cell("f")["metadata"]["nbjudge"]["notes"]:
        assert note in answer.shown("f") and "run without that import" in note


USED = {
    "in the cell": "import nopackage as n\ny = n",
    "in the function": "import nopackage as n\ndef g():\n    return n.g()",
    "as a name of all": "import nopackage.part\nglobals()['nopackage']",
    "of two, one": "from nopackage import a, b\nb",
    "by star": "from nopackage import *",
    "in text that may be code": "import nopackage as n\nexec('n.f()')",
    "by an assignment": "import nopackage as n\nn = 1",
    "below a condition": "if True:\n    import nopackage as n",
}


@pytest.mark.parametrize("source", USED.values(), ids=USED)
def test_imports_that_may_be_used_are_kept(judge, source):
    cell_spec = spec((source + F, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    check(judge(cell_spec), "package missing: nopackage", "does not have nopackage")


def test_an_import_that_another_cell_needs_is_explained_there(judge):
    cell_spec = spec(
        ("import nopackage as n" + F, "solution", "f"),
        ("assert f(1) == 1", "test", "t1"),
        ("def g(x):\n    return n.g(x)", "solution", "g"),
        ("assert g(1) == 1", "test", "t"),
    )
    answer = judge(cell_spec)
    assert answer.scores == {"t1": 1.0, "t": 0.0}
    assert "does not have nopackage" in reports(answer)[0]["headline"]


def test_statements_around_an_import_run_once(judge):
    cell_spec = spec(
        ("print('once')\nimport nopackage" + F, "solution", "f"),
        ("assert f(1) == 1", "test", "t"),
    )
    assert judge(cell_spec).shown("f").count("once") == 1


def test_locked_cells_and_files_of_the_submission_are_left_alone(judge):
    cell_spec = spec(("import helper" + F, "solution", "f"), ("assert f(1) == 1", "test", "t"))
    answer = judge(cell_spec, files={"helper.py": b"print('imported')"})
    assert answer.scores == {"t": 1.0} and answer.data.causes == []
    assert "imported" in answer.shown("f")


# the sentences


@pytest.mark.parametrize("name", CAUSES)
def test_every_cause_has_sentences_for_both(name):
    explanation = explain(Cause(name, "x{y}"), None)
    if explanation is None:
        assert name in ("no network", "other folders")  # without isolation
        return
    judgment = Judgment(causes=[(explanation.name, explanation.instructor)])
    outcomes = [GradingOutcome(student, "graded", judgment=judgment) for student in ("ann", "ben")]
    (line,) = limits_met(outcomes)
    assert "2 students (ann, ben)" in line and "{students}" not in line


def test_causes_from_a_session_are_checked():
    assert explain(Cause("another"), None) is None
    explanation = explain(Cause("package missing", "x\x1b" + "y" * 1000), None)
    assert "\x1b" not in explanation.text and "y" * 200 not in explanation.text


# limits that a test sets, or tells of


def question(solution, test):
    return spec((solution, "solution", "f"), (test, "test", "f_test"))


STOPS = """
import signal

def stop(*_):
    raise KeyboardInterrupt

def limited(function, seconds):
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return function()
    except KeyboardInterrupt:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
"""
ENDLESS = "def f():\n    while True:\n        pass"
BURNS_IN_A_CHILD = """
def f():
    import os
    pid = os.fork()
    while not pid:
        pass
    os.waitpid(pid, 0)
"""


@pytest.mark.parametrize("source", [ENDLESS, BURNS_IN_A_CHILD])
def test_a_call_that_the_tests_own_limit_stops_is_listed(judge, source):
    cell_spec = question("def f():\n    return 1", STOPS + "limited(f, 0.5) or 0")
    answer = judge(cell_spec, {"f": source})
    assert list(answer.scores.values()) == [0.0]
    assert [cause.name for cause in answer.data.causes] == ["call time"]
    assert answer.data.limited == list(answer.scores)


REPORTS = """
from IPython.display import display
display({"application/vnd.nbjudge.report+json": %s}, raw=True)
0.5
"""


@pytest.mark.parametrize(
    ("report", "score", "causes"),
    [
        ({"limit": "f took long"}, 0.5, ["call time"]),
        ({"limit": "f took long", "manual": True}, None, ["call time"]),
        ({"headline": "f is wrong"}, 0.5, []),
        ({"limit": 3, "manual": "yes"}, 0.5, []),
    ],
)
def test_a_report_says_that_a_limit_mattered(judge, report, score, causes):
    """A limit that stopped a call for a diagnosis alone did not."""
    test = STOPS + "limited(f, 0.2)\n" + REPORTS % report
    cell_spec = question(ENDLESS, test)
    answer = judge(cell_spec)
    assert list(answer.scores.values()) == [score]
    assert [cause.name for cause in answer.data.causes] == causes
    remarks = [remark for remark in answer.remarks if "needs a manual grade" in remark]
    assert len(remarks) == (score is None)


CALLS_BACK = "def f(helper):\n    return sum(helper(i) for i in range(200))"


def test_what_the_judge_computes_for_a_call_is_not_charged_to_the_student(judge):
    """200 calls of a helper that takes a hundredth of a second each exceed the limit together."""
    test = STOPS + (
        "import time\n"
        "def helper(i):\n"
        "    end = time.thread_time() + 0.01\n"
        "    while time.thread_time() < end:\n"
        "        pass\n"
        "    return 1\n"
        "assert limited(lambda: f(helper), 1.0) == 200"
    )
    cell_spec = question(CALLS_BACK, test)
    assert list(judge(cell_spec).scores.values()) == [1.0]
