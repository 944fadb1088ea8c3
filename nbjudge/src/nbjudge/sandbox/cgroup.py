"""Limit a session's total memory and number of processes with control groups (cgroups).

Versions 1 and 2 of control groups are supported. With version 2, sessions also get equal
shares of processor time, however many processes a session starts. If no group can be created (by an
ordinary user, or in a container with read-only groups), the fork server checks the memory four
times a second instead, and the kernel's limit per user bounds the number of processes.
"""

import contextlib
import os
import secrets
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


class Groups:
    """nbjudge's control group, with one child group for each session.

    In version 1 there are two such groups, because memory and processes have separate hierarchies.
    The groups are opened before the fork server leaves the machine's file system, and stay usable.

    Raises
    ------
    OSError
        If groups that limit memory cannot be created.
    """

    def __init__(self) -> None:
        self.name = f"nbjudge-{secrets.token_hex(6)}"
        self.parents: list[int] = []
        memory, processes = _own_group("memory"), _own_group("pids")
        try:
            self._open(memory)
            self.enter("try", 1 << 40, 1 << 20, join=False)
            self.remove("try")
        except OSError:
            self.close()
            raise
        if processes != memory:
            with contextlib.suppress(OSError):  # the limit per user then bounds the processes
                self._open(processes)

    def _open(self, parent: Path) -> None:
        """Create nbjudge's group inside a parent group."""
        self.parents.append(os.open(parent, os.O_RDONLY))
        try:
            self._control("")
            os.mkdir(self.name, dir_fd=self.parents[-1])
            self._control(f"{self.name}/")
        except OSError:
            os.close(self.parents.pop())
            raise

    def _control(self, group: str) -> None:
        """Enable limits, and equal shares of processor time, for the children of a group."""
        for controller in ("+memory", "+cpu", "+pids"):
            with contextlib.suppress(OSError):  # version 2 only; fails if the group has processes
                self._write(controller, self.parents[-1], f"{group}cgroup.subtree_control")

    def enter(self, session: str, memory: int, processes: int, join: bool = True) -> None:
        """Create a session's group and move this process into it.

        Parameters
        ----------
        session
            Name of the group.
        memory
            Memory limit of the group in bytes.
        processes
            Maximum number of processes and threads in the group.
        join
            False to create the group only.
        """
        group = f"{self.name}/{session}"
        for parent in self.parents:
            os.mkdir(group, dir_fd=parent)
        first = self.parents[0]
        try:
            self._write(memory, first, f"{group}/memory.max")
            for name, value in (("memory.swap.max", 0), ("memory.oom.group", 1)):
                with contextlib.suppress(OSError):
                    self._write(value, first, f"{group}/{name}")
        except FileNotFoundError:
            self._write(memory, first, f"{group}/memory.limit_in_bytes")
            with contextlib.suppress(OSError):
                self._write(memory, first, f"{group}/memory.memsw.limit_in_bytes")
        with contextlib.suppress(FileNotFoundError):  # not supported on every machine
            self._write(processes, self.parents[-1], f"{group}/pids.max")
        for parent in self.parents if join else ():
            self._write(0, parent, f"{group}/cgroup.procs")  # 0 is the writing process

    def remove(self, session: str) -> None:
        """Remove the group of a session that has ended."""
        for parent in self.parents:
            with contextlib.suppress(OSError):
                os.rmdir(f"{self.name}/{session}", dir_fd=parent)

    def close(self) -> None:
        """Remove nbjudge's group."""
        for parent in self.parents:
            with contextlib.suppress(OSError):
                os.rmdir(self.name, dir_fd=parent)
            os.close(parent)

    def _write(self, value: object, parent: int, name: str) -> None:
        file = os.open(name, os.O_WRONLY, dir_fd=parent)
        try:
            os.write(file, str(value).encode())
        finally:
            os.close(file)


def _own_group(controller: str) -> Path:
    """Return the control group of this process for a controller, "memory" or "pids"."""
    path = ""
    for line in OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == controller:
            return MOUNT / controller / path.lstrip("/")
    return MOUNT / path.lstrip("/")
