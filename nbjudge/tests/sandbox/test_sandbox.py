"""The surroundings that student code sees at the levels "full" and "reduced"."""

import contextlib
import json
import os
import platform
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from nbjudge.sandbox.launch import PATH
from nbjudge.sandbox.levels import SAFE, level_called
from nbjudge.sandbox.sandbox import (
    WORK,
    Limits,
    Sandbox,
    environment_folders,
    is_open_to_all,
)
from nbjudge.sandbox.users import has_users
from tests.support.benches import bench
from tests.support.engines import spec
from tests.support.probes import SECRET, probe_source

# The folder that contains nbjudge, unless it is part of the environment.
CHECKOUT = [] if Path(PATH).is_relative_to(sys.prefix) else [PATH]


@pytest.fixture(scope="session")
def outside(tmp_path_factory):
    """Secrets that student code must not find: files, servers, variables and modules."""
    course = tmp_path_factory.mktemp("course")
    (course / "gradebook.db").write_text(SECRET)
    (course / "course_solutions.py").write_text(f"SECRET = {SECRET!r}")
    server = socket.create_server(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX)
    local.bind(str(course / "socket"))
    local.listen()
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0nbjudge-test-" + str(os.getpid()))
    abstract.listen()
    changed = {
        "NBJUDGE_TEST_TOKEN": SECRET,
        "PYTHONPATH": str(course),
        "LD_LIBRARY_PATH": f"/home/{SECRET}:{sys.prefix}/lib",
    }
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    shared = Path(tempfile.mkdtemp(prefix="nbjudge-test-"))
    (shared / "module.py").write_text("x = 1\n")
    with contextlib.suppress(OSError):  # some file systems have no extended attributes
        os.setxattr(shared / "module.py", "user.note", b"note")
    shared.chmod(0o755)
    yield {
        "course": str(course),
        "READABLE": str(shared / "module.py"),
        "unchanged": state(shared / "module.py"),
        "PORT": server.getsockname()[1],
        "UNIX": str(course / "socket"),
        "ABSTRACT": "\0nbjudge-test-" + str(os.getpid()),
    }
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    for one in (server, local, abstract):
        one.close()
    shutil.rmtree(shared)


def state(path):
    """Return the changeable state of a file; st_ctime_ns reveals every change."""
    found = os.stat(path)
    names = ("st_mode", "st_uid", "st_gid", "st_mtime_ns", "st_ctime_ns")
    return [getattr(found, name) for name in names], os.listxattr(path)


@pytest.fixture(scope="session", params=SAFE)
def engine(request, outside):
    """An engine at each level of isolation, started in an environment with secrets."""
    one = bench(request.param, folders=[os.path.dirname(outside["READABLE"])])
    one.level = level_called(request.param)
    yield one
    one.stop()


@pytest.fixture(scope="session")
def inside(engine, outside):
    """The findings of student code, by the name of the probe."""
    show = "print('FOUND' + json.dumps(FOUND, default=str))"
    answer = engine(spec((probe_source(outside), "solution", "f"), (show, "plain")))
    text = answer.shown(1).partition("FOUND")[2]
    assert text, answer.shown(0) + answer.shown(1)
    return {"level": engine.level, **json.loads(text)}


def own_namespaces(inside):
    if not inside["level"].own_namespaces:
        pytest.skip("promised where a level has namespaces of its own")
    return inside


def reachable(path):
    """True if every user can enter the parent folders of a path."""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in Path(path).parents)


def test_the_probes_find_what_there_is_outside(outside):
    space = {"__name__": "probe"}
    source = probe_source(outside)
    kept = source[: source.index("@probe\ndef calls")]  # the later probes would change this process
    exec(compile(kept, "probe", "exec"), space)
    found = space["FOUND"]
    assert found["environment"]["NBJUDGE_TEST_TOKEN"] == SECRET
    assert found["can_read"][f"{outside['course']}/gradebook.db"]
    assert found["can_write"][outside["course"]]
    assert found["network"]["loopback"] == found["network"]["file"] == "done"
    assert found["network"]["abstract"] == "done"
    assert os.getpid() in found["processes"] and found["signals"] == "done"


def test_student_code_is_nobody(inside):
    (real, effective, saved), groups, others = inside["users"]
    assert real == effective == saved and len(set(groups)) == 1
    if os.getuid() == 0 and (inside["level"].own_namespaces or reachable(os.__file__)):
        assert real >= 100_000 and groups[0] >= 100_000 and others == []
    else:  # at the level "reduced", other users may have no access to root's Python
        assert real == os.getuid()


def test_student_code_has_no_capability(inside):
    *held, bounds, ambient = inside["capabilities"]
    assert held == [0] * 6 and ambient == []
    if os.getuid() == 0:
        assert bounds == []


def test_student_code_gains_no_privilege_and_is_filtered(inside):
    assert inside["privileges"] == 1
    assert inside["filtered"] == 2


def test_nothing_of_the_environment_is_known(inside):
    environment = inside["environment"]
    assert SECRET not in json.dumps(environment)
    known = {"PATH", "LANG", "HOME", "TMPDIR", "MPLBACKEND", "MPLCONFIGDIR", "IPYTHONDIR"}
    known |= {
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONNOUSERSITE",
        "CLICOLOR",
        "FORCE_COLOR",
        "TERM",
        "CLICOLOR_FORCE",
        "PAGER",
        "GIT_PAGER",
        "LC_CTYPE",
        "PWD",
        "KMP_INIT_AT_FORK",
        "KMP_DUPLICATE_LIB_OK",
        "NBGRADER_EXECUTION",
        "PYTHONHASHSEED",
        "JOBLIB_MULTIPROCESSING",
        "LD_LIBRARY_PATH",
    }
    assert {n for n in environment if not n.endswith(("_NUM_THREADS", "_THREADS"))} <= known
    # A Python that needs LD_LIBRARY_PATH finds its libraries in a session too.
    assert environment["LD_LIBRARY_PATH"] == f"{sys.prefix}/lib"


def test_nothing_is_known_of_the_environment_that_nbjudge_was_started_in(inside):
    """The kernel exposes the memory that holds a program's initial environment."""
    found = own_namespaces(inside)["first_environment"]
    assert SECRET not in found
    assert f"HOME={os.path.expanduser('~')}\0" not in found


def test_the_course_is_not_on_the_path(inside, outside):
    assert outside["course"] not in inside["path"]
    assert str(Path(__file__).parents[2]) not in inside["path"]
    assert not set(CHECKOUT) & set(inside["path"])


def test_only_the_python_environment_can_be_read(inside, outside):
    found = inside["can_read"]
    for name in (
        outside["course"],
        f"{outside['course']}/gradebook.db",
        "/etc/shadow",
        "/srv",
        "/var",
        "/boot",
        "/tmp/submission/../../etc/shadow",
        "/dev/mem",
        "/dev/kmsg",
        "/dev/vda",
        "/dev/sda",
        str(Path(__file__).parents[2] / "README.md"),
        *CHECKOUT,
        f"/proc/{os.getpid()}/environ",
    ):
        assert not found[name], name
    assert found["/usr/bin"]


def test_homes_hold_nothing_but_the_python_environment(inside):
    if any(folder.startswith("/root") for folder in environment_folders()):
        assert not inside["can_write"]["/root"]
    else:
        assert not inside["can_read"]["/root"]
    assert inside["home"] != os.path.expanduser("~")


def test_the_root_holds_what_python_needs(inside):
    names = set(own_namespaces(inside)["can_list_root"])
    allowed = {
        "bin",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "sbin",
        "usr",
        "etc",
        "dev",
        "proc",
        "tmp",
        "home",
        ".tmp",
    }
    allowed |= {Path(folder).parts[1] for folder in environment_folders()}
    assert names <= allowed


def test_nothing_is_written_outside(inside):
    allowed = {"/tmp", "/dev/shm", "."} if inside["level"].own_namespaces else {"."}
    assert {name for name, can in inside["can_write"].items() if can} == allowed


def test_other_folders_are_mounted_read_only(inside):
    assert all(own_namespaces(inside)["read_only"].values()), inside["read_only"]


def test_the_working_folder_is_empty_and_its_own(inside):
    folder, files = inside["folder"]
    assert files == []
    assert folder == WORK if inside["level"].own_namespaces else "nbjudge-" in folder


def test_the_working_folder_covers_nothing_of_the_machine():
    assert os.path.dirname(WORK) == "/tmp"  # there an environment is mounted a second time


@pytest.mark.parametrize("taken", ["/mnt", "/tmp", "/srv"])
def test_the_root_covers_nothing_that_is_shown(taken):
    sandbox = Sandbox("full", Limits(), ("/usr", f"{taken}/course/.venv"))
    assert sandbox._covered() not in (taken, "/usr")


def test_submissions_in_a_row_have_sixteen_users_in_turn(engine):
    can_enter = engine.level.own_namespaces or is_open_to_all(sys.prefix, sys.base_prefix)
    if not has_users() or not can_enter:
        pytest.skip("sessions cannot become other users here")
    users = [
        engine(spec(("import os; print('user', os.getuid())", "plain"))).shown(0) for _ in range(17)
    ]
    assert len(set(users)) == 16
    assert users[0] == users[16]


def test_only_its_own_processes_are_seen(inside):
    own_namespaces(inside)
    assert inside["process_number"] == [1, 0]
    # If parts of /proc are masked, as in podman containers, sessions have no /proc.
    masked = re.search(" /proc/(acpi|kcore|keys) ", Path("/proc/self/mountinfo").read_text())
    assert inside["processes"] == ([] if masked else [1])


def test_its_process_group_is_its_own(inside):
    assert inside["process_group"] == [True, True]


def test_no_other_process_can_be_read_or_signalled(inside):
    assert inside["others_memory"] == [] or "PermissionError" in inside["others_memory"]
    assert inside["signals"] in ("ProcessLookupError", "PermissionError")


def test_there_is_no_network(inside):
    assert "done" not in inside["network"].values(), inside["network"]


def test_sockets_of_other_families_do_not_reach_the_kernel(inside):
    """The kernel may load a module for an unknown family."""
    assert set(inside["odd_sockets"].values()) == {"EPERM"}, inside["odd_sockets"]


def test_the_network_has_no_interface_but_an_idle_loopback(inside):
    interfaces = own_namespaces(inside)["interfaces"]
    assert interfaces in (["lo"], [], "PermissionError: [Errno 1] Operation not permitted")


def test_calls_that_change_the_machine_are_refused(inside):
    if platform.machine() != "x86_64":
        pytest.skip("the numbers of the calls are those of x86-64")
    calls = inside["calls"]
    done = {name for name, outcome in calls.items() if outcome == "done"}
    assert done == set(), done
    for name in (
        "mount",
        "unshare users",
        "ptrace",
        "bpf",
        "io_uring_setup",
        "userfaultfd",
        "setns",
        "keyctl",
        "perf_event_open",
        "process_vm_readv",
        "clone new users",
        "fsopen",
    ):
        assert calls[name] == "EPERM", (name, calls[name])
    assert calls["clone3"] == "ENOSYS"


def test_nothing_can_be_typed_into_a_terminal(inside):
    assert "done" not in inside["terminal"]


def test_one_socket_is_all_that_is_open(inside):
    kinds = inside["descriptors"]
    assert list(kinds.values()).count("socket") == 1
    assert len(kinds) <= 6 and kinds["0"] == "device"


def test_limits_are_set(inside):
    limits = inside["limits"]
    assert limits["FSIZE"] == [64 << 20] * 2
    assert limits["NOFILE"] == [256, 256] and limits["CORE"] == [0, 0]
    assert 2 << 30 <= limits["AS"][0] < 8 << 30
    assert limits["NPROC"][0] == limits["NPROC"][1]
    if inside["level"].own_namespaces or os.getuid() == 0:
        assert limits["NPROC"][0] == 128
    else:  # processes of the same user outside the session count too
        assert 128 <= limits["NPROC"][0] < 128 + 5000


def test_devices_are_harmless(inside):
    names = set(own_namespaces(inside)["devices"])
    assert names <= {
        "null",
        "zero",
        "full",
        "random",
        "urandom",
        "fd",
        "stdin",
        "stdout",
        "stderr",
        "shm",
    }


def test_files_outside_keep_their_mode_and_times(inside, outside):
    found = os.stat(Path(outside["course"], "gradebook.db"))
    assert stat.S_IMODE(found.st_mode) != 0o777
    assert found.st_mtime > 1
    assert os.listxattr(Path(outside["course"], "gradebook.db")) == []
    # Programs that copy files must not fail.
    assert inside["attributes"]["mode of own.txt"] == "done"
    assert inside["attributes"]["mode of open own.txt"] == "done"


def test_readable_files_stay_unchanged(inside, outside):
    """Neither their names nor descriptors opened for reading allow changes."""
    assert inside["can_read"][outside["READABLE"]]
    assert state(outside["READABLE"]) == outside["unchanged"], inside["attributes"]


def test_the_priority_of_other_processes_is_left_alone(inside):
    found = inside["priorities"]
    assert found["PRIO_PROCESS kept"] == found["PRIO_PGRP kept"] == "done"
    if not inside["level"].own_namespaces:  # otherwise the user has only the session's processes
        assert found["PRIO_USER raised"] == "EPERM", found


def test_no_message_reaches_a_socket_outside(inside):
    if not inside["level"].own_namespaces:
        assert inside["datagrams"] == "PermissionError"


def test_processes_share_the_session_and_its_part_of_the_processor(inside):
    assert inside["new_session"] == 7


def test_no_device_can_be_made(inside):
    assert inside["made_device"] == "PermissionError"


def test_the_machine_is_not_known(inside):
    name, passwd = own_namespaces(inside)["host"]
    assert all(line.startswith("student:") for line in passwd.splitlines())
    naming = ["unshare", "--user", "--map-root-user", "--uts", "hostname", "localhost"]
    if subprocess.run(naming, capture_output=True).returncode == 0:  # some containers forbid it
        assert name == "localhost"


def test_everything_that_notebooks_need_works(inside):
    assert inside["can_read"][os.path.dirname(os.__file__)]
    assert inside["imports"] == [1, 2]
    assert inside["processes_of_its_own"] == [1, 2]
    assert inside["tools"].split() == ["shell", "2"]
    assert inside["ordinary_files"] == [
        3,
        ["firstcopy", "firstcopy2", "firstcopyfile", "firstmove"],
    ]


CHATTER = textwrap.dedent("""
    import os, pathlib
    for place in ("/tmp/note", "/dev/shm/note", "note", os.path.expanduser("~/note")):
        try:
            pathlib.Path(place).write_text("hello")
        except OSError:
            pass
    os.environ["NOTE"] = "hello"
    import sys
    sys.modules["note"] = sys
""")


LISTEN = textwrap.dedent("""
    import os, sys
    found = [place for place in ("/tmp/note", "/dev/shm/note", "note", os.path.expanduser("~/note"))
             if os.path.exists(place)]
    found += [name for name in ("note",) if name in sys.modules or "NOTE" in os.environ]
""")


def test_one_student_leaves_nothing_for_the_next(engine):
    one = spec((CHATTER, "solution", "f"), ("assert found == []", "test", "t"))
    assert engine(one, {"f": LISTEN}).scores == {"t": 1.0}
    assert engine(one, {"f": CHATTER + LISTEN}).scores == {"t": 0.0}
    assert engine(one, {"f": LISTEN}).scores == {"t": 1.0}


DEEP = textwrap.dedent("""
    import os
    where = os.getcwd()
    for _ in range(2000):
        os.mkdir("inside")
        os.chdir("inside")
    open("file", "w").close()
    os.chdir(where)
""")


def test_folders_of_any_depth_are_removed_with_their_session(engine):
    one = spec((DEEP, "solution", "f"), ("assert len(where) > 1", "test", "t"))
    answer = engine(one, {"f": DEEP + "print(where)"})
    assert answer.scores == {"t": 1.0}
    assert engine(one, {"f": DEEP}).scores == {"t": 1.0}  # runs in a new session
    assert not os.path.lexists(re.search(r"/\S+", answer.shown("f"))[0])


def test_the_seal_holds_against_what_a_student_undoes(judge):
    undo = """
import os, resource, signal
found = []
for number in range(3, 200):
    try:
        os.fchdir(number); found.append(number)
    except OSError:
        pass
for which in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    try:
        resource.setrlimit(which, (1 << 40, 1 << 40)); found.append(which)
    except (OSError, ValueError):
        pass
for path in ("/proc/1/root/etc/shadow", "/proc/self/root/root", "/proc/1/cwd/../etc/shadow"):
    if os.path.exists(path) and os.access(path, os.R_OK) and "shadow" in path:
        found.append(path)
"""
    cell_spec = spec((undo, "solution", "f"), ("assert found == [], found", "test", "t"))
    answer = judge(cell_spec)
    assert answer.scores == {"t": 1.0}, answer.shown("t") + answer.shown("f")
