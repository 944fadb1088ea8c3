"""Start nbjudge's own processes, in an environment that contains no secrets."""

import contextlib
import gc
import os
import site
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PATH = str(Path(__file__).resolve().parents[2])  # the folder that contains the package nbjudge
ALWAYS = {  # environment variables of judges and sessions
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",  # sets of strings have the same order every time
}
LIBRARIES = "LD_LIBRARY_PATH"
KEPT = (LIBRARIES, "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
PROGRAM = """
import sys
sys.path.insert(0, {path!r})
import nbjudge  # the copy that started this process, even if another one is installed
sys.path.append(sys.path.pop(0))
from nbjudge.{module} import main
main()
"""


def start(module: str, connection: socket.socket) -> subprocess.Popen[bytes]:
    """Start a module of nbjudge, with `connection` as its only argument and only open socket."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM.format(path=PATH, module=module)]
        + [str(connection.fileno())],
        pass_fds=[connection.fileno()],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        process_group=0,  # only the coordinator gets Ctrl-C
    )


def start_zygote() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a zygote; return it and the coordinator's socket, which ends it when it is closed."""
    ours, other_end = socket.socketpair()
    with other_end:
        return start("engine.zygote", other_end), ours


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Pause the garbage collector while the block imports modules, which creates no garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _environment() -> dict[str, str]:
    """Return environment variables with search paths and a limit of one thread per library."""
    programs = os.pathsep.join([os.path.dirname(sys.executable), "/usr/local/bin:/usr/bin:/bin"])
    return {
        "PATH": programs,
        "HOME": os.environ.get("HOME", "/"),  # has matplotlib's font list; erased later
        "LANG": "C.UTF-8",
        "PYTHONNOUSERSITE": "" if site.ENABLE_USER_SITE else "1",
        **ALWAYS,
        **{name: os.environ[name] for name in KEPT if name in os.environ},
    }
