"""Limits on all processes of a session together."""

import contextlib
import functools
import os
import re
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbjudge.sandbox import cgroup
from nbjudge.sandbox.cgroup import Groups
from nbjudge.sandbox.fork_server import ForkServer
from nbjudge.sandbox.levels import NAMES, SAFE
from nbjudge.sandbox.sandbox import Limits, Sandbox
from nbjudge.sandbox.users import has_users
from tests.support.benches import bench
from tests.support.engines import Answer, make_job, spec
from tests.support.small_course import environment

THREADS = textwrap.dedent("""
    import os, threading
    done, threads = threading.Event(), 0
    try:
        for _ in range(60):
            threading.Thread(target=done.wait, daemon=True).start()
            threads += 1
    except RuntimeError:
        pass
    done.set()
    print(os.getuid(), threads)
""")
ORPHANS = textwrap.dedent("""
    import os, time
    for _ in range(3):
        if os.fork() == 0:
            if os.fork():
                os._exit(0)
            held = bytearray(b"x") * (200 << 20)
            while True:
                open(f"held {os.getpid()}", "w").close()
                time.sleep(0.2)
        os.wait()
    time.sleep(5)
    for name in os.listdir("."):  # those that live write theirs again
        os.remove(name)
    time.sleep(3)
    print("alive:", len(os.listdir(".")))
""")


# Both in one engine: no test that meets one limit comes near the other.
FEW = {"processes": 40, "disk": 40 << 20}


def groups_can_be_made():
    try:
        Groups().close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def at():
    """A factory of engines, at(level, **limits), which stops them after the tests."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def make(level, **limits):
            one = bench(level, **limits)
            stack.callback(one.stop)
            return one

        yield make


@pytest.mark.parametrize("level", NAMES)
def test_processes_are_limited_at_every_level(at, level):
    shown = at(level, **FEW)(spec((THREADS, "plain"))).shown(0)
    user, threads = map(int, shown.split())
    if user == 0 and not groups_can_be_made():
        pytest.skip("not promised: the kernel exempts root, and no control group can be made")
    assert 20 <= threads <= 40


HOLD = THREADS.replace("60", "35").replace("done.set()", "__import__('time').sleep(4)\ndone.set()")


def test_a_neighbor_takes_no_processes_away_at_full(at):
    """If sessions do not have their own users, the kernel counts processes per user namespace."""
    engine = at("full", **FEW)
    jobs = [make_job(spec((source, "plain"))) for source in (HOLD, THREADS)]
    workers = [engine.zygote.worker(job.preparation) for job in jobs]
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        for worker in workers:
            stack.callback(worker.stop)
        holding = pool.submit(workers[0].request, jobs[0])
        while not holding.done():
            time.sleep(0.5)
            threads = int(Answer(workers[1].request(jobs[1])).shown(0).split()[1])
            assert threads >= 35
        assert Answer(holding.result()).shown(0).split()[1] == "35"


@pytest.mark.parametrize("level", SAFE)
def test_memory_of_processes_whose_parent_has_ended_is_limited(at, level):
    """Without a control group, the fork server enforces the limit; it polls four times a second."""
    shown = at(level, memory=300 << 20)(spec((ORPHANS, "plain"))).shown(0)
    alive = re.search(r"alive: (\d)", shown)
    assert "more memory than a submission may" in shown or (alive and int(alive[1]) < 2), shown


# Ten files of 8 MB: with names, in nested folders, or deleted but open.
NAMED = """
import os
for number in range(10):
    os.makedirs(f"folder{number % 3}/inside", exist_ok=True)
    with open(f"folder{number % 3}/inside/{number}", "wb") as file:
        file.write(bytes(8 << 20))
"""
DELETED = """
import os
files = []
for number in range(10):
    files.append(open("deleted", "wb"))
    os.unlink("deleted")
    files[-1].write(bytes(8 << 20))
    files[-1].flush()
"""
UNTIL_KILLED = "__import__('threading').Event().wait()"


def may_trace():
    """True if this process has CAP_SYS_PTRACE, which is capability 19."""
    status = Path("/proc/self/status").read_text()
    return bool(int(re.search(r"CapEff:\s*(\w+)", status)[1], 16) >> 19 & 1)


@pytest.mark.parametrize("level", [level for level in NAMES if level != "full"])
@pytest.mark.parametrize("source", [NAMED, DELETED])
def test_all_files_together_are_limited_without_folders_of_the_session(at, level, source):
    if source == DELETED and level != "none" and has_users() and not may_trace():
        pytest.skip(
            "not promised: without CAP_SYS_PTRACE, root cannot see the open files of others"
        )
    shown = at(level, **FEW)(spec((source + UNTIL_KILLED, "plain"))).shown(0)
    assert "wrote more to files than a submission may write" in shown


def test_files_below_the_limit_cost_nothing(at):
    few = NAMED.replace("10", "4") + "print('done')"
    assert "done" in at("reduced", **FEW)(spec((few, "plain"))).shown(0)


class Machine:
    """Processes as the kernel reports them: {pid: (parent, bytes)}."""

    def __init__(self, processes):
        self.processes = processes

    def children(self, number):
        return [n for n, (parent, _) in self.processes.items() if parent == number]

    def memory(self, number):
        return self.processes[number][1]


@pytest.mark.parametrize(("level", "expected"), [("full", 30), ("reduced", 130)])
def test_orphans_of_a_session_count_if_no_namespace_ends_with_it(level, expected):
    """Without a namespace the fork server adopts orphans; its clones are no part of the session."""
    own, clone, session, child, orphan, below = os.getpid(), 2, 3, 4, 5, 6
    server = object.__new__(ForkServer)
    server.sandbox = Sandbox(level, Limits(), ())
    server.session = SimpleNamespace(pid=session, pidfd=None)
    server.clones, server.own_memory = [clone], 1
    processes = {own: (0, 1), clone: (own, 1000), session: (own, 11), child: (session, 21)}
    server.processes = Machine(processes | {orphan: (own, 61), below: (orphan, 41)})
    assert server.memory(server._processes_of_session()) == expected


END_ORPHANS = """
import os, signal, time
from nbjudge.sandbox import linux
from nbjudge.sandbox.fork_server import ForkServer
from nbjudge.sandbox.processes import Processes
from nbjudge.sandbox.sandbox import Limits, Sandbox
from nbjudge.sandbox.users import has_users

def sleeping(below=False):
    pid = os.fork()
    if not pid:
        if below:
            sleeping()
        time.sleep(60)
        os._exit(0)
    return pid

linux.adopt_orphans()
server = object.__new__(ForkServer)
server.sandbox, server.processes = Sandbox("reduced", Limits(), ()), Processes()
server.clones = [clone := sleeping()]
orphan = sleeping(below=True)
while not server.processes.children(orphan):
    time.sleep(0.01)
server._end_orphans()
print(server.processes.children(os.getpid()) == [clone], os.waitpid(clone, os.WNOHANG))
os.kill(clone, signal.SIGKILL)
"""


def test_the_clones_of_a_fork_server_outlive_the_orphans_of_its_session():
    """The orphan has a child, which becomes an orphan too."""
    options = {"env": environment(), "capture_output": True, "text": True, "timeout": 50}
    done = subprocess.run([sys.executable, "-c", END_ORPHANS], **options)
    assert done.stdout == "True (0, 0)\n", done.stderr


FILES = {
    "v2": ["cgroup.procs", "cgroup.subtree_control", "memory.max", "pids.max", "memory.swap.max"],
    "memory": ["cgroup.procs", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"],
    "pids": ["cgroup.procs", "pids.max"],
}


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A machine with control groups: kernel(text of /proc/self/cgroup, {folder: file names})."""

    def make(lines, folders):
        for folder, names in folders.items():
            (tmp_path / folder).mkdir(parents=True)
            for name in names:
                (tmp_path / folder / name).touch()
        about = tmp_path / "cgroup"
        about.write_text(lines)
        monkeypatch.setattr(cgroup, "MOUNT", tmp_path)
        monkeypatch.setattr(cgroup, "OWN", about)
        make_folder, remove_folder = os.mkdir, os.rmdir

        def mkdir(path, *arguments, dir_fd=None):
            """Create a group with its files, as the kernel does."""
            make_folder(path, *arguments, dir_fd=dir_fd)
            above = os.open(os.path.dirname(path) or ".", os.O_RDONLY, dir_fd=dir_fd)
            for name in os.listdir(above):
                if name in sum(FILES.values(), []):
                    flags = os.O_WRONLY | os.O_CREAT
                    os.close(os.open(f"{path}/{name}", flags, dir_fd=dir_fd))
            os.close(above)

        def rmdir(path, *, dir_fd=None):
            group = os.open(path, os.O_RDONLY, dir_fd=dir_fd)
            for name in os.listdir(group):
                with contextlib.suppress(IsADirectoryError):
                    os.unlink(name, dir_fd=group)
            os.close(group)
            remove_folder(path, dir_fd=dir_fd)

        monkeypatch.setattr(os, "mkdir", mkdir)
        monkeypatch.setattr(os, "rmdir", rmdir)
        return tmp_path

    return make


def test_a_group_of_version_2_limits_memory_and_processes(kernel):
    root = kernel("0::/user/work\n", {"user/work": FILES["v2"]})
    groups = Groups()
    groups.enter("1", memory=1000, processes=40)
    group = root / "user/work" / groups.name / "1"
    found = {name: (group / name).read_text() for name in FILES["v2"]}
    assert found["memory.max"] == "1000" and found["pids.max"] == "40"
    assert found["memory.swap.max"] == "0" and found["cgroup.procs"] == "0"
    # The fake file keeps only the last write.
    asked = (group.parent / "cgroup.subtree_control").read_text()
    assert asked.startswith("+pids")
    groups.remove("1")
    groups.close()
    assert [path.name for path in (root / "user/work").iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("has_pids", [True, False])
def test_groups_of_version_1_limit_memory_and_processes_each(kernel, has_pids):
    """Without a controller for processes, memory is still limited."""
    folders = {
        "memory/docker": FILES["memory"],
        **({"pids/docker": FILES["pids"]} if has_pids else {}),
    }
    lines = "9:name=systemd:/\n8:pids:/docker\n4:memory:/docker\n1:cpu,cpuacct:/\n0::/\n"
    root = kernel(lines, folders)
    groups = Groups()
    groups.enter("1", memory=1000, processes=40)
    group = root / "memory/docker" / groups.name / "1"
    assert (group / "memory.limit_in_bytes").read_text() == "1000"
    assert (group / "cgroup.procs").read_text() == "0"
    if has_pids:
        group = root / "pids/docker" / groups.name / "1"
        assert (group / "pids.max").read_text() == "40"
        assert (group / "cgroup.procs").read_text() == "0"
    groups.remove("1")
    groups.close()
    left = [path for folder in folders for path in (root / folder).iterdir() if path.is_dir()]
    assert left == []


def test_without_a_group_for_memory_there_are_none(kernel):
    kernel("8:pids:/docker\n4:memory:/docker\n", {"pids/docker": FILES["pids"]})
    with pytest.raises(OSError):
        Groups()
