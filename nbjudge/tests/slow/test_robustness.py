"""Code in one question neither costs points of the others nor leaves anything behind."""

import contextlib
import os
import socket
import time
from pathlib import Path

import pytest

from nbjudge.engine import worker as worker_module
from nbjudge.engine.messages import RunningTest
from nbjudge.judging.messages import Attempt, Unreadable
from nbjudge.judging.prepare import Prepared
from nbjudge.wire.framing import send_message
from tests.support.engines import living_processes, make_job, no_longer_than, spec
from tests.support.waiting import wait_until

QUICK = {"cell_seconds": 0.6, "test_seconds": 2, "submission_seconds": 40}
SPEC = spec(
    ("import numpy as np", "locked"),
    ("def first(x):\n    return 2 * x", "solution", "first"),
    ("assert first(np.ones(2)).tolist() == [2, 2]", "test", "first_test", 2),
    ("def victim(x):\n    return x", "solution", "victim"),
    ("assert victim(3) == 3", "test", "victim_test", 3),
    ("def last(x):\n    return first(x) + 1", "solution", "last"),
    ("assert last(1) == 3", "test", "last_test", 4),
)
ALL = {"first_test": 2.0, "victim_test": 3.0, "last_test": 4.0}
OTHERS = {**ALL, "victim_test": 0.0}
SHOWN = ("victim", "victim_test", "last", "last_test")  # cells whose outputs explain a failure

DEAF = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
DAEMON = """
import os, time
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 100)
            time.sleep(1000)
        os._exit(0)
    os.wait()
daemon()
"""
SOCKETS = """
import os, stat, struct
def sockets():
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                yield number
        except OSError:
            pass
"""
FORGE = """
import json
def frame(document, *buffers):
    parts = [json.dumps(document).encode(), *buffers]
    head = struct.pack("<I", len(parts)) + b"".join(struct.pack("<I", len(p)) for p in parts)
    return head + b"".join(parts)
def now():
    import gc
    for one in gc.get_objects():
        if type(one).__name__ == "Interpreter" and hasattr(one, "number"):
            return one.number
def message(kind, *fields):
    return frame({"dict": [["is", kind], *fields]})
RAN = [["success", True], ["outputs", {"list": []}], ["others", {"list": []}], ["too_long", False]]
def tell(payload, numbers=None):
    if numbers is None:
        numbers = [now(), *range(40)]
    for number in numbers:
        raw(struct.pack("<IQ", len(payload), number) + payload)
def raw(data):
    for number in sockets():
        os.write(number, data)
"""
FORGE = SOCKETS + FORGE
ARRAY = '{"array": ["<f8", [2], 1, True]}'  # its truth value is ambiguous

ATTACKS = {
    "an endless loop": "while True: pass",
    "a loop that cannot be interrupted": DEAF,
    "a long sleep": "import time\ntime.sleep(1000)",
    "an exit": "import os\nos._exit(0)",
    "an exit with a status": "import os\nos._exit(7)",
    "a segmentation fault": "import ctypes\nctypes.string_at(0)",
    "a signal to itself": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "a stop of itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "a stop of all": "import os, signal\nos.kill(-1, signal.SIGSTOP)",
    "a kill of all": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "a signal to the parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "a signal to its group": "import os, signal\nos.kill(0, signal.SIGKILL)",
    "an end of the program": "raise SystemExit(0)",
    "an exception of no kind": "raise BaseException",
    "memory": "hog = [bytearray(20 << 20) for _ in range(1000)]",
    "memory at once": "hog = bytearray(1 << 40)",
    "memory of numpy": "import numpy as np\nhog = np.ones(10**10)",
    "memory of many processes": """
import os, time
for _ in range(8):
    if os.fork() == 0:
        hog = bytearray(os.urandom(1 << 20)) * 100
        time.sleep(60)
        os._exit(0)
time.sleep(60)
""",
    "processes": """
import os, time
for _ in range(10_000):
    if os.fork() == 0:
        time.sleep(1000)
        os._exit(0)
""",
    "a fork bomb": "import os\nwhile True: os.fork()",
    "threads": """
import threading, time
for _ in range(10_000):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
""",
    "printing": "while True: print('flood ' * 1000)",
    "printing by descriptor": "import os\nwhile True: os.write(1, b'flood ' * 1000)",
    "displays": "while True: display({'text/plain': 'x' * 1000}, raw=True)",
    "a full disk": """
for number in range(10_000):
    with open(f"{number}", "wb") as file:
        file.write(bytes(1 << 20))
""",
    "a large file": "open('large', 'wb').write(bytes(100 << 20))",
    "many files": "for n in range(10**6): open(str(n), 'w').close()",
    "open files": "hog = [open('/dev/null') for _ in range(10**6)]",
    "a daemon": DAEMON + "raise ValueError",
    "a command left running": "import os\nos.system('sleep 1000 & sleep 1000 &')\n1 / 0",
    "closed descriptors": "import os\nos.closerange(0, 65536)",
    "random bytes to the judge": FORGE + "raw(bytes(range(1, 256)) * 20)",
    "an endless frame": FORGE
    + """
raw(struct.pack('<IQ', 60 << 20, 3))
while True: raw(b'x' * 65536)
""",
    "a length that is too large": FORGE + "raw(b'\\xff' * 12)",
    "an answer that is no answer": FORGE + "tell(frame({'list': []}))",
    "an answer of arrays": FORGE
    + f"""
array = {ARRAY}
tell(frame({{'dict': [['is', 'CellRan'], ['success', array], ['outputs', array],
    ['others', array], ['too_long', array]]}}, bytes(16)))
tell(frame({{'dict': [['is', array], ['outputs', array]]}}, bytes(16)))
""",
    "outputs of arrays": FORGE
    + f"""
output = {{'dict': [['output_type', {ARRAY}]]}}
ran = [['success', True], ['outputs', {{'list': [output]}}], ['others', {{'list': []}}]]
tell(frame({{'dict': [['is', 'CellRan'], *ran, ['too_long', False]]}}, bytes(16)))
""",
    "answers for other requests": FORGE
    + """
for _ in range(20): tell(message('CellRan', *RAN), [0, 1, 2, *range(9, 60)])
""",
    "an endless flood of answers": FORGE
    + """
answer = message('CellRan', *RAN)
while True: tell(answer, [1000])
""",
    "an endless flood of calls back": FORGE
    + """
import threading
def drain():
    for number in sockets():
        while True: os.read(number, 65536)
threading.Thread(target=drain, daemon=True).start()
call = message('CallBack', ['function', 0], ['args', {'list': []}], ['kwargs', {'dict': []}])
while True: tell(call, [now()])
""",
    "a callback that is not on offer": FORGE
    + "no_args = ['args', {'list': []}], ['kwargs', {'dict': []}]\n"
    + "tell(message('CallBack', ['function', 0], *no_args))",
    "a callback that is a list": FORGE
    + "tell(message('CallBack', ['function', {'list': []}], ['args', 1], ['kwargs', 2]))",
    "a callback without arguments": FORGE + "tell(message('CallBack', ['function', 0]))",
    "an emptied namespace": "get_ipython().user_ns.clear()",
    "a broken shell": "get_ipython().run_cell = get_ipython().run = None\n1 / 0",
    "a shell that lies": "type(get_ipython()).run = lambda *a: (True, [[]])\n1 / 0",
    "no modules": "import sys\nsys.modules.clear()\n1 / 0",
    "no builtins": "import builtins\nfor n in dir(builtins):\n    delattr(builtins, n)",
}
# The process goes on, damaged by the student's code.
DAMAGE = {
    "a broken shell",
    "a shell that lies",
    "no modules",
    "no builtins",
    "an emptied namespace",
}
# These may have no effect at all.
MILD = {
    "a stop of itself",
    "a signal to itself",
    "a signal to the parent",
    "a signal to its group",
    "a stop of all",
    "a kill of all",
    "answers for other requests",
    "a callback that is not on offer",
    "a callback that is a list",
    "a callback without arguments",
}
IN_FUNCTIONS = (
    "an endless loop",
    "a loop that cannot be interrupted",
    "an exit",
    "a segmentation fault",
    "a stop of all",
    "a kill of all",
    "an end of the program",
    "an exception of no kind",
    "memory",
    "a fork bomb",
    "threads",
    "printing",
    "a full disk",
    "a daemon",
    "closed descriptors",
    "random bytes to the judge",
    "a length that is too large",
    "an answer that is no answer",
    "an answer of arrays",
    "outputs of arrays",
    "answers for other requests",
    "a callback that is a list",
)
WORDS = {
    "an endless loop": "This cell ran for more than 0.6 seconds and was interrupted.",
    "a loop that cannot be interrupted": "0.6 seconds, and could not be interrupted.",
    "an exit": "exited (exit status 0)",
    "an exit with a status": "exited (exit status 7)",
    "a segmentation fault": "crashed (segmentation fault)",
    "memory": "MemoryError",
    "printing": "more characters of output were cut",
    "random bytes to the judge": "sent an invalid answer",
    "an answer that is no answer": "sent an invalid answer",
    "an endless flood of calls back": "more than 100 calls to functions that were not offered",
    "threads": "can't start new thread",
    "a large file": "File too large",
    "a full disk": "No space left on device",
}


@pytest.fixture(scope="module")
def tidy(small):
    """A function that checks that the engine works and has no more processes than at the start."""
    assert small(SPEC, limits=QUICK).scores == ALL
    before = set(living(small))

    def check():
        def left():
            return {pid: name for pid, name in living(small).items() if pid not in before}

        wait_until(lambda: not left())
        assert left() == {}
        assert small(SPEC, limits=QUICK).scores == ALL

    return check


def living(bench):
    """Return a bench's descendants, and all processes in the sandboxes' network namespaces."""
    found = living_processes(bench.pid)
    networks = {network_of(pid) for pid in found} - {network_of(os.getpid()), None}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and network_of(int(entry.name)) in networks:
            found.setdefault(int(entry.name), "in the sandbox's network")
    return found


def network_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


@pytest.mark.parametrize("name", ATTACKS)
def test_a_bad_cell_costs_only_its_question(small, tidy, name):
    with no_longer_than(120):
        answer = small(SPEC, {"victim": ATTACKS[name]}, limits=QUICK)
    if name in DAMAGE:
        assert answer.scores["first_test"] == 2.0
    else:
        assert answer.scores == OTHERS, [answer.shown(name) for name in SHOWN]
    assert WORDS.get(name, "") in answer.shown("victim")
    assert answer.faults == []
    assert sum(len(str(cell)) for cell in answer.cells) < 200_000
    tidy()


def in_function(source):
    body = "".join(f"    {line}\n" for line in source.strip().splitlines())
    return f"def victim(x):\n{body}    return x"


@pytest.mark.parametrize("name", IN_FUNCTIONS)
def test_a_bad_function_costs_only_its_question(small, tidy, name):
    answer = small(SPEC, {"victim": in_function(ATTACKS[name])}, limits=QUICK)
    own = answer.scores["victim_test"] if name in MILD else 0.0
    assert answer.scores == {**OTHERS, "victim_test": own}, answer.shown("victim_test")
    assert answer.faults == []
    tidy()


def test_events_in_a_function_are_reported(small):
    for name, words in (
        ("an endless loop", "did not finish within the time limit of this test"),
        ("an exit", "exited (exit status 0)"),
    ):
        answer = small(SPEC, {"victim": in_function(ATTACKS[name])}, limits=QUICK)
        assert words in answer.shown("victim_test")


def test_printing_much_takes_neither_memory_nor_points(small):
    much = "for _ in range(500):\n    print('x' * (1 << 20))\ndef victim(x):\n    return x"
    answer = small(SPEC, {"victim": much}, limits={**QUICK, "cell_seconds": 20})
    assert answer.scores == ALL
    assert "more characters of output were cut" in answer.shown("victim")


def test_the_memory_of_many_processes_is_limited_together(small, tidy):
    many = """
import os, time
children = []
for _ in range(8):
    if os.fork() == 0:
        hog = bytearray(os.urandom(1 << 20)) * 100
        time.sleep(30)
        os._exit(0)
time.sleep(2)
while os.waitpid(-1, os.WNOHANG)[0]:
    children.append("dead")
print("dead:", len(children))
raise ValueError
"""
    answer = small(SPEC, {"victim": many}, limits={**QUICK, "cell_seconds": 20})
    assert answer.scores == OTHERS
    shown = answer.shown("victim")
    assert "more memory than a submission may" in shown or shown.startswith(
        ("dead: 5", "dead: 6", "dead: 7", "dead: 8")
    )
    tidy()


def test_results_of_a_dead_cell_are_gone_and_the_rest_is_rebuilt(small):
    cell_spec = spec(
        ("import os\ncount = [1]", "solution", "a"),
        ("assert count == [1]", "test", "ta"),
        ("count.append(2)\nos._exit(1)", "solution", "b"),
        ("assert count == [1]", "test", "tb"),
        ("count.append(3)", "solution", "c"),
        ("assert count == [1, 3]", "test", "tc"),
    )
    assert small(cell_spec, limits=QUICK).scores == {"ta": 1.0, "tb": 1.0, "tc": 1.0}


def test_files_and_seeds_are_made_again_after_a_death(small):
    cell_spec = spec(
        ("import os\nimport numpy as np\ndraw = np.random.rand()", "solution", "a"),
        ("first = draw", "test", "ta"),
        ("def die(): os._exit(0)\ndef read(): return open('a.txt').read()", "solution", "b"),
        (
            "try:\n    die()\nexcept Exception:\n    pass\nassert read() == 'x' and draw == first",
            "test",
            "tb",
        ),
    )
    answer = small(cell_spec, files={"a.txt": b"x"}, limits=QUICK)
    assert answer.scores == {"ta": 1.0, "tb": 1.0}


def test_a_test_that_goes_on_after_a_death_finds_the_functions_again(small):
    cell_spec = spec(
        ("import os\ndef f(x):\n    return os._exit(0) if x == 1 else x", "solution", "f"),
        (
            "score = 0\nfor n in range(4):\n    try:\n        score += f(n) == n\n"
            "    except Exception:\n        pass\nscore",
            "test",
            "t",
            4,
        ),
    )
    assert small(cell_spec, limits=QUICK).scores == {"t": 3.0}


def test_a_function_that_always_dies_does_not_take_forever(small):
    cell_spec = spec(
        ("import os\ndef f():\n    os._exit(0)", "solution", "f"),
        (
            "for _ in range(500):\n    try:\n        f()\n    except Exception:\n        pass\n"
            "raise ValueError('tried')",
            "test",
            "t",
        ),
        ("x = 1", "solution", "g"),
        ("assert x == 1", "test", "u"),
    )
    with no_longer_than(120):
        answer = small(cell_spec, limits={**QUICK, "test_seconds": 20})
    assert answer.scores["t"] == 0.0


def test_the_time_of_a_submission_is_limited(small):
    cell_spec = spec(*[("import time\ntime.sleep(0.5)", "plain")] * 300, ("1", "test", "t"))
    with no_longer_than(120):  # 300 cells of half a second take longer
        answer = small(cell_spec, limits={**QUICK, "submission_seconds": 2})
    assert len(answer.cells) == 301


def test_a_test_that_hangs_or_kills_the_judge_costs_only_its_question(small):
    cell_spec = spec(
        ("def f(x):\n    return x", "solution", "f"),
        ("assert f(1) == 1", "test", "before", 2),
        ("import os\nos._exit(0)", "test", "exits"),
        ("import ctypes\nctypes.string_at(0)", "test", "crashes"),
        (
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "test",
            "hangs",
        ),
        ("assert f(2) == 2", "test", "after", 3),
    )
    answer = small(cell_spec, limits=QUICK)
    assert answer.scores == {
        "before": 2.0,
        "exits": None,
        "crashes": None,
        "hangs": 0.0,
        "after": 3.0,
    }
    assert not answer.faults
    assert list(answer.data.suspicions) == ["exits", "crashes"]
    assert "the judge ended 2 times in this test" in answer.data.suspicions["exits"]
    assert "did not finish within their time limit" in answer.shown("hangs")
    assert [cause.name for cause in answer.data.causes] == ["test time"]
    assert "A person will grade this question" in answer.shown("exits")


def test_an_engine_that_lost_its_fork_server_gets_another_and_leaves_nothing_when_it_stops(small):
    assert small(SPEC, limits=QUICK).scores == ALL
    for pid, name in living_processes(small.pid).items():
        if name == "nbj-fork-server":
            with contextlib.suppress(ProcessLookupError):  # it may exit with another
                os.kill(pid, 9)
    assert small(SPEC, limits=QUICK).scores == ALL
    running = living(small)
    small.stop()
    pids = [*running, small.pid]
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    left = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    small.__init__(small.config)
    assert left == []


# supervision of the judge by the worker


@pytest.fixture
def watch(monkeypatch):
    """A function that supervises a fake judge: watch(function that the judge runs)."""
    monkeypatch.setattr(worker_module, "JUDGE_GRACE", 0.3)
    ours, theirs = socket.socketpair()

    def run(act, test_seconds=0.3):
        def be_judge(self, submission, prepared, attempt, folder, connection):
            try:
                act(lambda message: send_message(connection, message))
            finally:
                os._exit(0)

        monkeypatch.setattr(worker_module.Worker, "_be_judge", be_judge)
        worker = object.__new__(worker_module.Worker)
        worker.connection = theirs
        job = make_job(SPEC, limits={"test_seconds": test_seconds})
        prepared = Prepared(SPEC, [])
        return worker.fork(job.submission, prepared, Attempt(time.monotonic() + 5))

    yield run
    ours.close()
    theirs.close()


def test_a_judge_that_answers_is_believed(watch):
    def act(say):
        say(RunningTest(3))
        say(Unreadable("x"))

    assert watch(act).answer == Unreadable("x")


def test_a_judge_that_hangs_in_a_test_is_ended(watch):
    def act(say):
        say(RunningTest(3))
        time.sleep(60)

    end = watch(act)
    assert (end.answer, end.cell, end.timed_out) == (None, 3, True)


def test_a_judge_that_dies_is_noticed(watch):
    def act(say):
        say(RunningTest(4))
        os._exit(9)

    end = watch(act)
    assert (end.answer, end.cell, end.timed_out, end.status) == (None, 4, False, 9)


def test_the_students_cells_after_a_test_do_not_count_as_its_time(watch):
    def act(say):
        say(RunningTest(3))
        say(RunningTest(None))
        time.sleep(1)
        say(Unreadable("x"))

    assert watch(act).answer == Unreadable("x")
