"""Probe which levels of isolation work on this machine, by starting a session at each level.

Each command starts the probe once, in a separate process that loads only the sandbox. The probe
takes a fraction of a second, while an engine warms up. For each level, a fork takes all steps of a
fork server and its session, then writes a file, reads a file, and forks a process.
"""

import contextlib
import errno
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from typing import NoReturn

from nbjudge.sandbox.launch import PATH
from nbjudge.sandbox.levels import NAMES, SAFE
from nbjudge.sandbox.processes import Processes
from nbjudge.sandbox.sandbox import Limits, Sandbox, environment_folders
from nbjudge.wire.messages import from_plain, to_plain

SECONDS = 60  # time limit of a level: a few hundredths of a second, and longer on a busy machine
NOT_TRIED = {name: "" for name in NAMES if name not in SAFE}  # levels without requirements
PROGRAM = "import sys; sys.path[:0] = sys.argv[1:]; from nbjudge.sandbox.probe import main; main()"
_asking = threading.Lock()  # the threads of a cluster worker may call `missing` at the same time


@functools.cache
def probe_isolation() -> subprocess.Popen[bytes] | None:
    """Start the probe, unless it is already running; return None except on Linux.

    The engine reads the result. A program that calls this function before its slow imports does not
    have to wait for it.

    >>> import nbjudge
    >>> probe = nbjudge.probe_isolation()
    >>> probe is nbjudge.probe_isolation()
    True
    """
    if sys.platform != "linux":
        return None
    packages = [path for path in sys.path if path.endswith("-packages")]  # libseccomp's module
    folders = tuple(environment_folders())
    sandboxes = [to_plain(Sandbox(level, Limits(), folders)) for level in SAFE]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", PROGRAM, PATH, *packages],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        process_group=0,  # only the command gets Ctrl-C
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(sandboxes).encode())
    process.stdin.close()
    return process


def missing() -> dict[str, str]:
    """Map each isolation level to the reason why it is unavailable on this machine, or to ""."""
    with _asking:
        return _answer()


@functools.cache
def _answer() -> dict[str, str]:
    """Return the output of the probe, which can be read only once."""
    process = probe_isolation()
    if process is None:
        return _none_safe("it requires Linux")
    with process:
        assert process.stdout is not None
        answer = process.stdout.read()
    try:
        return {**json.loads(answer), **NOT_TRIED}
    except ValueError:
        return _none_safe(f"the probe ended with status {process.returncode}")


def _none_safe(reason: str) -> dict[str, str]:
    """Return the result of `missing` if one reason rules out all levels for untrusted code."""
    return {**dict.fromkeys(SAFE, reason), **NOT_TRIED}


def main() -> None:
    """Run the probe: read sandboxes as JSON from stdin, write the reasons to stdout."""
    sandboxes = [from_plain(Sandbox, data) for data in json.load(sys.stdin)]
    print(json.dumps({sandbox.level_name: _try(sandbox) for sandbox in sandboxes}))


def _try(sandbox: Sandbox) -> str:
    """Return the reason why a sandbox cannot run a session; "" if it can."""
    folder = ours = pid = None
    try:
        folder = tempfile.mkdtemp(prefix="nbjudge-")
        ours, other_end = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            _be_fork_server(sandbox, folder, other_end)
        other_end.close()
        ours.settimeout(SECONDS)
        answer = ours.recv(10_000).decode(errors="replace") or "the session ended immediately"
    except TimeoutError:
        answer = f"no session started within {SECONDS} seconds"
    except OSError as error:
        answer = error.strerror or str(error)
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)  # its session dies with it
            os.waitpid(pid, 0)
        if ours:
            ours.close()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    return "" if answer == "works" else answer


def _be_fork_server(sandbox: Sandbox, folder: str, connection: socket.socket) -> NoReturn:
    """Act as a fork server in the forked process; never returns."""
    try:
        processes, program = Processes(), sandbox.prepare_filter()
        is_alone = sandbox.level.own_namespaces
        os.environ["MPLCONFIGDIR"] = "/home" if is_alone else folder
        sandbox.enter_fork_server(processes)
        pid = sandbox.fork(processes.namespace() if is_alone else -1)
        if pid == 0:
            sandbox.enter_session(program, processes, 0, folder, connection.fileno())
            _work()
            connection.send(b"works")
        elif is_alone and not processes.number(os.pidfd_open(pid)):
            raise OSError("the memory of a session cannot be monitored")
        else:
            os.waitpid(pid, 0)
    except BaseException as error:
        with contextlib.suppress(OSError):
            connection.send(reason(error)[:5000].encode())
    finally:
        os._exit(0)


def _work() -> None:
    """Perform the basic operations of a notebook: write a file, read a module's file, fork."""
    with open("probe", "w+") as file:
        file.write("probe")
    with open(os.__file__) as file:
        file.read(1)
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def reason(error: BaseException) -> str:
    """Describe an error for an administrator of the machine."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    number, call = getattr(error, "errno", None), text.split(":")[0].split(" ")[0]
    if "seccomp" in text:
        return f"libseccomp is missing ({text}; Debian, Ubuntu: apt install libseccomp2)"
    if call == "unshare":
        if number == errno.ENOSPC:
            return f"the machine's limit on namespaces is 0 or reached ({text})"
        return f"namespaces are not allowed here ({text})"
    if call == "prctl":
        return f"processes cannot be confined here ({text})"
    if call in ("mount", "unmount", "pivot_root", "setns"):
        if text.startswith("mount /:") and number == errno.EINVAL:
            return f"the root directory is not a mount point, as in a chroot ({text})"
        return f"namespaces cannot be used here ({text})"
    if call.startswith("landlock"):
        unknown = number in (errno.ENOSYS, errno.EOPNOTSUPP)
        return f"{'the kernel has no Landlock' if unknown else 'Landlock is not allowed'} ({text})"
    name = getattr(error, "filename", None)
    return f"{text}: {name}" if name else text
