"""Differences between the children of student code, test cells and plain Python."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nbjudge.sandbox.levels import NAMES
from tests.support import process_state
from tests.support.benches import bench
from tests.support.engines import spec

SECURITY = (Path(__file__).parents[2] / "SECURITY.md").read_text()
SOURCE = Path(process_state.__file__).read_text()
PROGRAM = f"""{SOURCE}
print("STATE" + json.dumps({{"fork": forked(), "program": started({SOURCE!r})}}))"""
PYTHONS_OWN = {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGKILL, signal.SIGSTOP}


def explained():
    """Return SECURITY.md's table as {place: names of the properties that may differ there}."""
    section = SECURITY.partition("## Differences from a plain Python process")[2].partition(
        "\n## "
    )[0]
    heading, _, *rows = re.findall(r"^\|(.+)\|$", section, re.MULTILINE)
    places = [cell.strip() for cell in heading.split("|")][1:-1]
    names = {place: set() for place in places}
    for row in rows:
        name, *marks, reason = (cell.strip() for cell in row.split("|"))
        assert reason and set(marks) <= {"x", ""}, row
        for place, mark in zip(places, marks, strict=True):
            names[place] |= {name} if mark else set()
    return names


EXPLAINED = explained()


def parsed(text):
    assert "STATE" in text, text
    return json.loads(text.partition("STATE")[2])


def as_from_a_terminal():
    os.umask(0o022)
    for number in signal.valid_signals() - PYTHONS_OWN:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The states of two child processes of plain Python."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=tmp_path_factory.mktemp("plain"),
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        preexec_fn=as_from_a_terminal,
    )
    return parsed(done.stdout + done.stderr)


@pytest.fixture(scope="module")
def engine(level):
    """An engine that is started with an unusual umask and with ignored and blocked signals."""
    umask = os.umask(0o077)
    ignored = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR2)
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in ignored}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        one = bench(level)
    finally:
        os.umask(umask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    yield one
    one.stop()


def differences(states, plain):
    """Return all differences by name, with both values: {name: [(kind, plain, other), ...]}."""
    found = {}
    for kind, expected in plain.items():
        for name, value in expected.items():
            if states[kind][name] != value:
                found.setdefault(name, []).append((kind, value, states[kind][name]))
    return found


def unexplained(found, place):
    """Return the differences that the table does not explain; forks inherit more descriptors."""
    for kind, expected, other in found.get("other descriptors", ()):
        assert kind == "fork", (expected, other)
    return {name: values for name, values in found.items() if name not in EXPLAINED[place]}


def test_children_of_student_code_differ_as_the_table_says(engine, plain):
    states = parsed(engine(spec((PROGRAM, "plain"))).shown(0))
    found = differences(states, plain)
    assert unexplained(found, engine.config.sandbox.level_name) == {}
    if os.getuid():  # as root, a session may run as another user
        assert "user" not in found and "dumpable" not in found


def test_children_of_test_cells_differ_as_the_table_says(engine, plain):
    states = parsed(engine(spec((PROGRAM, "test", "t"))).shown("t"))
    assert unexplained(differences(states, plain), "judge") == {}


def test_the_table_explains_only_differences(engine, plain):
    """Rows that depend on the machine are exempt."""
    level = engine.config.sandbox.level_name
    found = differences(parsed(engine(spec((PROGRAM, "plain"))).shown(0)), plain)
    depends_on_machine = {
        "core file limit",
        "dumpable",
        "/proc",
        "user",
        "process limit",
        "sys.path",
        "system call filter",  # containers already have one
        "no_new_privs",  # some containers set it
        "start method",  # "forkserver" from Python 3.14 on
    }
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= engine.config.sandbox.limits.open_files:
        depends_on_machine |= {"open files limit"}
    assert EXPLAINED[level] - depends_on_machine <= set(found)


def test_the_table_names_what_is_compared(plain):
    assert set().union(*EXPLAINED.values()) <= set(plain["fork"])
    assert set(EXPLAINED) == {*NAMES, "judge"}


@pytest.mark.usefixtures("without_matplotlib")
def test_sets_of_texts_have_one_order_in_all_processes():
    """A solution that depends on the order of a set gets the same points in every run."""
    text = "print(*{str(number) for number in range(100)})"
    started = "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', "
    started += f"{text!r}], capture_output=True, text=True).stdout)"
    orders = set()
    for _ in range(2):
        one = bench("none")
        answer = one(spec((text, "plain"), (started, "plain"), (text, "test", "t")))
        orders |= {answer.shown(which).strip() for which in (0, 1, "t")}
        one.stop()
    assert len(orders) == 1
