"""Run a command with some system calls failing, as in a restrictive container.

    python -m tests.support.refusing EPERM unshare,mount,... COMMAND ...

`prctl=22` makes a call fail only if 22 is its first argument.
"""

import errno
import os
import sys

import pyseccomp

__all__ = ["CONTAINER", "LANDLOCK", "command"]

# Of the sandbox's system calls, those that Docker's default profile denies root without
# CAP_SYS_ADMIN.
CONTAINER = "unshare,mount,umount2,setns,pivot_root"
LANDLOCK = "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self"


def command(error: str, calls: str, *arguments: str) -> list[str]:
    """Return a command line under which these system calls fail with this error."""
    return [sys.executable, __file__, error, calls, *arguments]


def main() -> None:
    error, calls, *arguments = sys.argv[1:]
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call in calls.split(","):
        name, _, first = call.partition("=")
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number < 0:
            sys.exit(f"this libseccomp does not know the system call {name}")
        conditions = [pyseccomp.Arg(0, pyseccomp.EQ, int(first))] if first else []
        rules.add_rule(pyseccomp.ERRNO(getattr(errno, error)), number, *conditions)
    rules.load()
    os.execv(arguments[0], arguments)


if __name__ == "__main__":
    main()
