"""Levels of isolation: which are available, which is used, and the errors if none is."""

import contextlib
import importlib.util
import json
import os
import py_compile
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbjudge import IsolationError
from nbjudge.engine import zygote
from nbjudge.engine.engine import Engine, try_isolation
from nbjudge.engine.messages import Clone, Preparation
from nbjudge.files import read_folder
from nbjudge.sandbox import control_socket, fork_server, probe
from nbjudge.sandbox.levels import SAFE
from nbjudge.sandbox.messages import Isolated, Refused
from nbjudge.sandbox.probe import reason
from nbjudge.sandbox.sandbox import environment_folders, is_open_to_all, without
from nbjudge.wire.framing import receive_message, send_message
from tests.support import elsewhere
from tests.support.engines import Bench, engine_config, no_longer_than, spec
from tests.support.refusing import CONTAINER, LANDLOCK, command
from tests.support.small_course import RIGHT, SmallCourse

PROBE = "import json\nfrom nbjudge.sandbox import probe\nprint(json.dumps(probe.missing()))"
WRONG = RIGHT | {"double": "def double(x):\n    return x"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    place = tmp_path_factory.mktemp("isolation")
    return SmallCourse.make(place / "course", place / "zygote")


@pytest.fixture(scope="module")
def other_system(tmp_path_factory):
    """A Python environment that does not look like Linux."""
    return elsewhere.make(tmp_path_factory.mktemp("elsewhere") / "environment")


def run(course, *arguments):
    with course.here(), no_longer_than(120):
        return subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100
        )


def probe_where(error, calls):
    """Return the probe's result on a machine where some system calls fail with an error."""
    done = subprocess.run(
        command(error, calls, sys.executable, "-c", PROBE), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def here():
    """The probe's result on this machine; tests of an unavailable level are skipped."""
    return probe.missing()


def needs(here, *levels):
    for level in levels:
        if here[level]:
            pytest.skip(f"{level} is unavailable here: {here[level]}")


# Probe.


def test_the_probe_tells_what_an_engine_finds(here):
    with Engine() as engine:
        for level in SAFE:
            if here[level]:
                with pytest.raises(IsolationError):
                    try_isolation(engine, engine_config(level))
            else:
                try_isolation(engine, engine_config(level))
    assert here["none"] == ""


@pytest.mark.parametrize("error", ["EPERM", "ENOSYS", "ENOSPC", "EINVAL", "ENOENT", "EACCES"])
def test_reduced_remains_if_namespaces_are_denied(here, error):
    needs(here, *SAFE)
    found = probe_where(error, CONTAINER)
    assert "unshare: " in found["full"] and found["reduced"] == ""


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("mount", "mount /"),
        ("pivot_root", "pivot_root"),
        ("setns", "setns"),
        ("umount2", "unmount /old"),
        ("pidfd_open", "not permitted"),
        ("prctl=22", "cannot be confined"),
        ("capset", "capset"),
    ],
)
def test_every_step_of_full_is_performed(here, call, words):
    needs(here, "full")
    assert words in probe_where("EPERM", call)["full"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (LANDLOCK, "Landlock"),
        ("landlock_restrict_self", "Landlock"),
        ("prctl=22", "cannot be confined"),
        ("prctl=36", "cannot be confined"),
        ("capset", "capset"),
    ],
)
def test_every_step_of_reduced_is_performed(here, call, words):
    needs(here, "reduced")
    assert words in probe_where("EPERM", call)["reduced"]


def test_threads_that_ask_at_once_are_all_answered(here):
    program = "from concurrent.futures import ThreadPoolExecutor as Pool; "
    program += "from nbjudge.sandbox import probe; "
    program += "print(list(Pool(8).map(lambda _: probe.missing()['full'], range(8))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == f"{[here['full']] * 8}\n", done.stderr


def test_an_environment_that_is_a_link_in_tmp_can_be_isolated_fully(here):
    needs(here, "full")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        linked = Path(folder, "environment")
        linked.symlink_to(os.path.realpath(sys.prefix))
        program = "import sys; from nbjudge.sandbox import probe; "
        program += "print(sys.prefix, probe.missing()['full'])"
        python, path = linked / "bin" / "python", {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [python, "-c", program], env=path, capture_output=True, text=True, check=True
        )
        assert done.stdout == f"{linked} \n"


def test_a_session_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(probe, "SECONDS", 0.2)
    # Here the process outlives its fork server.
    monkeypatch.setattr(probe, "_work", lambda: time.sleep(2))
    monkeypatch.setattr(probe.Sandbox, "enter_session", lambda *_: None)
    sandbox = probe.Sandbox("none", probe.Limits(), tuple(environment_folders()))
    assert probe._try(sandbox) == "no session started within 0.2 seconds"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(38, "landlock_create_ruleset: ..."), "the kernel has no Landlock"),
        (OSError(95, "landlock_create_ruleset: ..."), "the kernel has no Landlock"),
        (OSError(1, "landlock_create_ruleset: ..."), "Landlock is not allowed"),
        (OSError(28, "unshare: ..."), "limit on namespaces"),
        (OSError(22, "mount /: ..."), "chroot"),
        (RuntimeError("Unable to find libseccomp"), "apt install libseccomp2"),
        (FileNotFoundError(2, "No such file", "/proc"), "/proc"),
        (KeyError("odd"), "odd"),
    ],
)
def test_a_reason_names_what_is_missing(error, words):
    assert words in reason(error)


# The level used for grading, and the messages about it.


def test_a_remaining_level_is_used_and_reported(here, course):
    needs(here, *SAFE)
    course.submit("ann")
    course.submit("eve", WRONG)
    grading = [sys.executable, "-m", "nbjudge", "autograde", "ps1"]
    done = run(course, *command("ENOSYS", CONTAINER, *grading))
    assert done.returncode == 0, done.stderr
    assert (
        "Isolation: reduced; full is unavailable: namespaces are not allowed here "
        "(unshare: Function not implemented).\n"
    ) in done.stderr
    assert course.scores("ann")["double_test"] == 2 and course.scores("eve")["double_test"] == 0
    reports = [json.loads(row[0]) for row in course.rows("select report from nbjudge_submission")]
    assert {report["isolation"] for report in reports} == {"reduced"}
    # Work graded at a weaker level is regraded at a stronger one, but not the other way round.
    for arguments, graded in (([], True), (["--isolation", "reduced"], False)):
        done = run(course, *grading, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        status = {o["status"] for o in json.loads(done.stdout)["assignments"]["ps1"]}
        assert status == {"graded" if graded else "unchanged"}
    notebook = json.loads((course.autograded("ann") / "ps1.ipynb").read_text())
    assert notebook["metadata"]["nbjudge"]["isolation"] == "full"


@pytest.mark.parametrize("arguments", [[], ["--isolation", "full"], ["--isolation", "reduced"]])
def test_nothing_is_graded_without_a_level(course, arguments):
    course.submit("dan", assignment="ps2")
    grading = [sys.executable, "-m", "nbjudge", "autograde", "ps2", *arguments]
    done = run(course, *command("ENOSPC", f"{CONTAINER},{LANDLOCK}", *grading))
    assert done.returncode == 1
    *_, first, remedy = done.stderr.splitlines()  # matplotlib may first complain about HOME
    assert first.startswith("Nothing was graded: this machine cannot sandbox student code (")
    for level in SAFE if not arguments else arguments[1:]:
        assert level in first
    assert "nbjudge doctor" in remedy and "container" in remedy
    assert not course.autograded("dan", "ps2").exists()


@pytest.mark.parametrize("level", SAFE)
def test_a_failure_missed_by_the_probe_is_one_error_at_the_first_submission(here, course, level):
    """As if a permission had been revoked between the probe and the first worker."""
    needs(here, level)
    course.submit("dan", assignment="ps2")
    trusting = textwrap.dedent("""
        import sys
        from nbjudge.cli import main
        from nbjudge.engine import handles
        from nbjudge.sandbox import probe
        from nbjudge.sandbox.levels import NAMES
        probe.missing = lambda: dict.fromkeys(NAMES, "")
        made = handles.ZygoteProcess.__init__
        def count(self, environment, started=None):
            print("a zygote", file=sys.stderr)
            made(self, environment, started)
        handles.ZygoteProcess.__init__ = count
        sys.exit(main.main(sys.argv[1:]))
    """)
    grading = [sys.executable, "-c", trusting, "autograde", "ps2", "--isolation", level]
    done = run(course, *command("EPERM", f"{CONTAINER},{LANDLOCK}", *grading))
    assert done.returncode == 1
    assert "not permitted" in done.stderr and "BrokenPipe" not in done.stderr
    assert done.stderr.count("a zygote") == 1
    assert not course.autograded("dan", "ps2").exists()


@pytest.fixture
def unprepared():
    """A zygote without a shell, and the other end of its first fork server's control socket."""
    made = object.__new__(zygote.Zygote)
    made.control, theirs = control_socket.pair()
    made.loaded, made.config = [], engine_config()
    made.isolated, made.refusal = False, None
    yield made, theirs
    made.control.close()


PREPARATION = Preparation("ps1", spec(("import json", "locked")), {}, {})


def test_a_fork_server_that_has_ended_says_why_before_anything_is_sent_to_it(unprepared):
    """Otherwise every submission would report "BrokenPipeError" three times."""
    made, theirs = unprepared
    control_socket.send(theirs, Refused("mount /: Operation not permitted"))
    theirs.close()
    for ask in (partial(made.load, PREPARATION), made._clone_fork_server):
        with pytest.raises(IsolationError, match="mount /: Operation not permitted"):
            ask()


def test_an_isolated_fork_server_that_was_killed_is_left_to_the_next_clone(unprepared):
    made, theirs = unprepared
    control_socket.send(theirs, Isolated("full"))
    made._await_isolation()
    theirs.close()
    made.load(PREPARATION)
    assert made.loaded == ["json"]


def test_resources_refused_to_a_worker_end_the_run_with_one_error():
    """Without processes or disk space, the next attempt would fail too."""
    ours, theirs = socket.socketpair()

    def fail(request):
        theirs.shutdown(socket.SHUT_RD)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    send_message(ours, Clone())
    zygote.Zygote.serve(SimpleNamespace(connection=theirs, obey=fail))
    answer = receive_message(ours, Refused)
    assert answer.reason == "cannot start a worker: [Errno 11] Resource temporarily unavailable"
    for one in (ours, theirs):
        one.close()


# Operating systems other than Linux.


def test_another_system_refuses_and_names_the_remedy(course, other_system):
    course.submit("ann")
    done = run(course, other_system, "-m", "nbjudge", "autograde", "ps1")
    assert done.returncode == 1
    assert "cannot sandbox student code: it requires Linux" in done.stderr
    assert "container" in done.stderr


def test_another_system_grades_code_that_is_trusted(course, other_system):
    work = {
        "ann": RIGHT,
        "ben": RIGHT | {"double": "import os\nos._exit(3)"},
        "eve": WRONG,
        "flo": RIGHT | {"double": "import subprocess\nsubprocess.Popen(['sleep', '1357'])"},
    }
    for student, answers in work.items():
        course.submit(student, answers)
    grading = ["-m", "nbjudge", "autograde", "ps1", "--isolation", "none", "--force", "--json"]
    done = run(course, other_system, *grading)
    assert done.returncode == 0, done.stderr
    assert "Isolation: none. Student code can do whatever you can.\n" in done.stderr
    scores = {s: course.scores(s) for s in work}
    assert [scores[s]["double_test"] for s in work] == [2, 0, 0, 0]
    assert [scores[s]["half_test"] for s in work] == [3, 3, 3, 3]
    assert b"sleep\0001357\0" not in command_lines()


def command_lines():
    """Return the command lines of all processes on the machine."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # the process has exited
            found.add(file.read_bytes())
    return found


# Visible parts of folders with hidden subfolders at the level "reduced".


def filled(folder):
    """Fill a folder with files that students may read, and with an exchange that they may not."""
    for name in ("exchange/secret.txt", "lib/module.py", "share/exchange/secret.txt", "share/ok"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "share/link").symlink_to(folder / "share/exchange")
    (folder / "share/file").symlink_to(folder / "share/exchange/secret.txt")
    for place in (folder, *folder.parents):
        if place.stat().st_uid == os.getuid() and str(place).startswith(("/tmp/", "/var/tmp/")):
            place.chmod(0o755)
    return folder


@pytest.fixture
def prefix(tmp_path):
    return filled(tmp_path)


def test_everything_next_to_a_hidden_folder_is_shown(prefix):
    hidden = [str(prefix / "share/exchange"), str(prefix / "absent/folder")]
    places = {os.path.relpath(p, prefix) for p in without(hidden, [str(prefix)])}
    assert places == {"exchange", "lib", "share/ok"}
    assert without([str(prefix / "absent")], [str(prefix)]) == [str(prefix)]


def look_into(prefix, level, look, shown):
    """Run student code that looks into `prefix`, whose exchange is hidden, and a test of it."""
    config = engine_config(level, hidden=[(prefix / "share/exchange").resolve()])
    folders = (*config.sandbox.folders, *dict.fromkeys([str(prefix), os.path.realpath(prefix)]))
    bench = Bench(replace(config, sandbox=replace(config.sandbox, folders=folders)))
    try:
        answer = bench(spec((look, "solution", "f"), (shown, "test", "t")))
        assert answer.scores == {"t": 1.0}, answer.shown("t") + answer.shown("f")
    finally:
        bench.stop()


@pytest.mark.usefixtures("without_matplotlib")
@pytest.mark.parametrize("linked", [False, True], ids=["", "through a link"])
@pytest.mark.parametrize("where", ["/tmp", "/var/tmp"])
def test_a_hidden_folder_in_a_prefix_is_hidden_at_full(here, where, linked):
    """A prefix in /tmp is mounted at two places, and one with a linked parent under two names."""
    needs(here, "full")
    look = """
import os
again = os.listdir("/.tmp") if os.path.isdir("/.tmp") else []
found, places = [], [*{names!r}, *(os.path.join("/.tmp", n) for n in again)]
for place in places:
    for name in ("share/exchange/secret.txt", "share/link/secret.txt", "share/file", "share/ok"):
        try:
            found.append(open(os.path.join(place, name)).read())
        except OSError:
            pass
"""
    with tempfile.TemporaryDirectory(dir=where) as folder:
        prefix = filled(Path(folder, "real", "prefix"))
        Path(folder, "link").symlink_to("real")
        named = Path(folder, "link", "prefix") if linked else prefix
        names = list(dict.fromkeys([str(named), str(prefix)]))
        least = len(names) * (2 if where == "/tmp" else 1)
        shown = f"assert set(found) == {{'share/ok'}} and len(found) >= {least}, (places, found)"
        look_into(named, "full", look.format(names=names), shown)


@pytest.mark.usefixtures("without_matplotlib")
def test_a_hidden_folder_in_a_prefix_is_hidden_at_reduced(here, prefix):
    needs(here, "reduced")
    look = f"""
import os
found = []
for name in ("share/exchange/secret.txt", "share/link/secret.txt", "share/file", "share/ok",
             "lib/module.py", "exchange/secret.txt"):
    try:
        open(os.path.join({str(prefix)!r}, name)).read()
        found.append(name)
    except PermissionError:
        pass
for name in ("share/exchange", "share/link", "share", "."):
    try:
        found += os.listdir(os.path.join({str(prefix)!r}, name))
    except PermissionError:
        pass
"""
    shown = "assert found == ['share/ok', 'lib/module.py', 'exchange/secret.txt'], found"
    look_into(prefix, "reduced", look, shown)


def test_whether_others_can_read_a_folder(tmp_path):
    tmp_path.chmod(0o755)
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    above = all(folder.stat().st_mode & 0o005 == 0o005 for folder in tmp_path.parents)
    assert is_open_to_all(inner) == above
    inner.parent.chmod(0o700)
    assert not is_open_to_all(inner)
    assert is_open_to_all("/usr")


def test_the_probe_is_short_and_loads_little():
    """The probe runs alongside the start of a command and must not delay it."""
    shown = "import sys\nfrom nbjudge.sandbox import probe\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "IPython", "nbgrader", "traitlets", "pyseccomp"}


@pytest.mark.parametrize(("seconds", "value"), [(0, "2"), (10, "1")])
def test_bytecode_of_the_courses_packages_is_used_if_valid(here, tmp_path, seconds, value):
    """Compiling them would take longer than importing them."""
    needs(here, SAFE[-1])
    source, other = tmp_path / "helpers" / "__init__.py", tmp_path / "other.py"
    source.parent.mkdir()
    source.write_text("value = 1")
    other.write_text("value = 2")
    changed = source.stat().st_mtime
    os.utime(other, (changed, changed))
    py_compile.compile(str(other), importlib.util.cache_from_source(source))
    os.utime(source, (changed + seconds, changed + seconds))
    config = engine_config(SAFE[-1])
    sandbox = replace(config.sandbox, packages=(str(source.parent),))
    bench = Bench(replace(config, sandbox=sandbox))
    try:
        answer = bench(spec(("import helpers\nprint(helpers.value)", "plain")))
    finally:
        bench.stop()
    assert answer.shown(0).strip() == value


def test_bytecode_that_is_being_written_is_left_out(tmp_path, monkeypatch):
    """Python writes it under another name, which is gone before the file's time is read."""
    (tmp_path / "helpers.py").write_text("value = 1")
    (tmp_path / "helpers.pyc.1").touch()

    def read_then_rename(folder):
        found = read_folder(folder)
        (tmp_path / "helpers.pyc.1").rename(tmp_path / "helpers.pyc")
        return found

    monkeypatch.setattr(fork_server, "read_folder", read_then_rename)
    (files,) = fork_server._read_packages([str(tmp_path)]).values()
    assert files.keys() == {"helpers.py"}
