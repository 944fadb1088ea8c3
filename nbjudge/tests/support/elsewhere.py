"""A copy of this Python environment that looks like a system other than Linux.

`make(folder)` creates a virtual environment with the packages of the current one. Programs that run
in it find none of the calls, constants, files and libraries that only Linux has: everything that
macOS lacks, and more. Accessing a Linux-only function of the C library is an error too.
"""

import sys
import sysconfig
import venv
from pathlib import Path

__all__ = ["make"]

SITE = '''\
import builtins, ctypes, ctypes.util, io, os, resource, select, signal, socket, sys, sysconfig

sysconfig.get_config_vars()  # the file that holds them is named after the platform
sys.platform = "freebsd14"  # macOS would make packages look for libraries of its own
GONE = {
    os: """pidfd_open setns unshare setresuid setresgid getresuid getresgid memfd_create eventfd
        sched_getaffinity sched_setaffinity splice waitid O_PATH O_TMPFILE CLONE_NEWNS""",
    select: "POLLRDHUP epoll",
    signal: "pidfd_send_signal",
    resource: "prlimit",
    socket: "SOCK_SEQPACKET AF_NETLINK AF_PACKET AF_VSOCK",
}
for module, names in GONE.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["pyseccomp"] = None  # not installed there

def hide(function):
    def checked(path, *args, **kwargs):
        if isinstance(path, (str, os.PathLike)) and f"{os.fspath(path)}/".startswith("/proc/"):
            raise FileNotFoundError(2, "No such file or directory", os.fspath(path))
        if isinstance(path, (str, os.PathLike)) and f"{os.fspath(path)}/".startswith("/dev/shm/"):
            raise FileNotFoundError(2, "No such file or directory", os.fspath(path))
        return function(path, *args, **kwargs)
    return checked

for name in ("open", "listdir", "scandir", "stat", "lstat", "readlink"):
    setattr(os, name, hide(getattr(os, name)))
builtins.open = io.open = hide(io.open)

class Library(ctypes.CDLL):
    def __getattr__(self, name):
        if name in ("prctl", "unshare", "setns", "mount", "umount2", "pivot_root", "capset"):
            raise AttributeError(f"this system has no {name}")
        return super().__getattr__(name)

ctypes.CDLL = Library
'''


def make(folder: Path) -> Path:
    """Create the environment and return its Python interpreter."""
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_paths(vars={"base": str(folder)})["purelib"]
    ours = [place for place in sys.path if place.endswith("-packages")]
    # Not the folders alone: their own .pth files lead to packages in editable installations.
    lines = [f"import site; site.addsitedir({place!r})\n" for place in ours]
    Path(packages, "ours.pth").write_text("".join(lines))
    # A .pth file imports this module. A sitecustomize would lose to the one that Debian installs.
    Path(packages, "another_system.py").write_text(SITE)
    Path(packages, "another_system.pth").write_text("import another_system\n")
    return folder / "bin" / "python"
