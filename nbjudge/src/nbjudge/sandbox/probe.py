"""Find out which levels of isolation work here, by making a session at each.

It is done once for a command, in a process of its own that loads nothing but the sandbox, so that
it takes a fraction of a second and can run while an engine gets warm. For each level a fork takes
every step that a fork server and its session take, then writes a file, reads it, and starts a
program.
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

SECONDS = 10  # that a level may take; some hundredths are usual
NOT_TRIED = {name: "" for name in NAMES if name not in SAFE}  # they take nothing
PROGRAM = "import sys; sys.path[:0] = sys.argv[1:]; from nbjudge.sandbox.probe import main; main()"
_asking = threading.Lock()  # the threads of a cluster's worker may all ask first


@functools.cache
def start() -> subprocess.Popen[bytes] | None:
    """Start the probe, unless that has been done; None on a system that has only one level."""
    if sys.platform != "linux":
        return None
    packages = [place for place in sys.path if place.endswith("-packages")]  # libseccomp's module
    folders = tuple(environment_folders())
    sandboxes = [to_plain(Sandbox(level, Limits(), folders)) for level in SAFE]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", PROGRAM, PATH, *packages],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        process_group=0,  # Ctrl-C is for the command
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(sandboxes).encode())
    process.stdin.close()
    return process


def missing() -> dict[str, str]:
    """Why a level cannot be had on this machine, "" where it can: {level: reason}."""
    with _asking:
        return _answer()


@functools.cache
def _answer() -> dict[str, str]:
    """What the probe says, which says it once."""
    process = start()
    if process is None:
        return _none_safe("it takes Linux")
    with process:
        assert process.stdout is not None
        answer = process.stdout.read()
    try:
        return {**json.loads(answer), **NOT_TRIED}
    except ValueError:
        return _none_safe(f"the probe ended with status {process.returncode}")


def _none_safe(reason: str) -> dict[str, str]:
    """What `missing` says where one reason rules out every level for untrusted code."""
    return {**dict.fromkeys(SAFE, reason), **NOT_TRIED}


def main() -> None:
    """Be the probe: sandboxes come as JSON from stdin, the answer goes to stdout."""
    sandboxes = [from_plain(Sandbox, data) for data in json.load(sys.stdin)]
    print(json.dumps({sandbox.level_name: _try(sandbox) for sandbox in sandboxes}))


def _try(sandbox: Sandbox) -> str:
    """Why there can be no session in a sandbox; "" where there can."""
    folder = ours = pid = None
    try:
        folder = tempfile.mkdtemp(prefix="nbjudge-")
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            _be_fork_server(sandbox, folder, theirs)
        theirs.close()
        ours.settimeout(SECONDS)
        answer = ours.recv(10_000).decode(errors="replace") or "the session ended at once"
    except TimeoutError:
        answer = f"no session has started within {SECONDS} seconds"
    except OSError as error:
        answer = error.strerror or str(error)
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)  # and with it the session
            os.waitpid(pid, 0)
        if ours:
            ours.close()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    return "" if answer == "works" else answer


def _be_fork_server(sandbox: Sandbox, folder: str, connection: socket.socket) -> NoReturn:
    """What the fork does; it never returns."""
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
            raise OSError("the memory of a session cannot be watched")
        else:
            os.waitpid(pid, 0)
    except BaseException as error:
        with contextlib.suppress(OSError):
            connection.send(reason(error)[:5000].encode())
    finally:
        os._exit(0)


def _work() -> None:
    """What every notebook does: write, read, start a process, import."""
    with open("probe", "w+") as file:
        file.write("probe")
    with open(os.__file__) as file:
        file.read(1)
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def reason(error: BaseException) -> str:
    """An error in the words of somebody who looks after the machine."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    number, call = getattr(error, "errno", None), said.split(":")[0].split(" ")[0]
    if "seccomp" in said:
        return f"libseccomp is missing ({said}; Debian, Ubuntu: apt install libseccomp2)"
    if call == "unshare":
        if number == errno.ENOSPC:
            return f"the machine's limit of namespaces is 0 or reached ({said})"
        return f"namespaces are not allowed here ({said})"
    if call == "prctl":
        return f"processes cannot be confined here ({said})"
    if call in ("mount", "unmount", "pivot_root", "setns"):
        if said.startswith("mount /:") and number == errno.EINVAL:
            return f"the root is no mount point, as in a chroot ({said})"
        return f"namespaces cannot be used here ({said})"
    if call.startswith("landlock"):
        unknown = number in (errno.ENOSYS, errno.EOPNOTSUPP)
        return f"{'the kernel has no Landlock' if unknown else 'Landlock is refused'} ({said})"
    name = getattr(error, "filename", None)
    return f"{said}: {name}" if name else said
