"""How nbjudge's own processes start: with an environment in which nothing is secret."""

import contextlib
import gc
import os
import site
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PATH = str(Path(__file__).resolve().parents[2])  # where the package nbjudge is
ALWAYS = {  # in the environment of the judges and of the sessions
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",  # sets of texts have one order each time a submission is graded
}
LIBRARIES = "LD_LIBRARY_PATH"
KEPT = (LIBRARIES, "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
PROGRAM = """
import sys
sys.path.insert(0, {path!r})
import nbjudge  # the one that started this, wherever another one is installed
sys.path.append(sys.path.pop(0))
from nbjudge.{module} import main
main()
"""


def start(module: str, connection: socket.socket) -> subprocess.Popen[bytes]:
    """Start a module of nbjudge; `connection` is the one socket that it has, its only argument."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM.format(path=PATH, module=module)]
        + [str(connection.fileno())],
        pass_fds=[connection.fileno()],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        process_group=0,  # Ctrl-C is for the coordinator
    )


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """While much is imported: the collector rests, as among new modules it would search in vain."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _environment() -> dict[str, str]:
    """Where programs and libraries are, and that one thread is enough."""
    programs = os.pathsep.join([os.path.dirname(sys.executable), "/usr/local/bin:/usr/bin:/bin"])
    return {
        "PATH": programs,
        "HOME": os.environ.get("HOME", "/"),  # where matplotlib's list of fonts is; erased later
        "LANG": "C.UTF-8",
        "PYTHONNOUSERSITE": "" if site.ENABLE_USER_SITE else "1",
        **ALWAYS,
        **{name: os.environ[name] for name in KEPT if name in os.environ},
    }
