"""Confine a process that reads data from students, but runs no code of theirs."""

import contextlib
import os
import sys
from collections.abc import Collection, Iterable

from nbjudge.sandbox import linux
from nbjudge.sandbox.sandbox import without

PYTHONS_OWN = tuple(sys.path)  # at import, before the zygote adds the course's folders


def confine(hidden: Collection[str], readable: Iterable[str], writable: Iterable[str]) -> None:
    """Limit this process to reading Python's modules and some paths, permanently.

    Call it before the process reads data from a student: a bug in a decoder could give the student
    control of the process. Without Landlock in the kernel, only `no_new_privs` is set. The process
    can list the folders of PYTHONPATH, because Python searches them for modules.

    Parameters
    ----------
    hidden
        Folders below the readable ones that must stay unreadable.
    readable
        Files and folders to read, besides Python's modules.
    writable
        Files and folders to write.
    """
    if not linux.landlock_version():
        with contextlib.suppress(OSError):  # refused, as by another system, which grades at none
            linux.no_new_privileges()
        return
    modules = [path for path in PYTHONS_OWN if path not in hidden]
    linux.no_new_privileges()  # required by Landlock for ordinary users
    linux.landlock(
        without(hidden, [*modules, *readable]),
        filter(os.path.exists, writable),
        filter(os.path.isdir, sys.path),
    )
