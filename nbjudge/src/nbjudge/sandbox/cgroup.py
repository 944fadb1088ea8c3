"""Limit memory and number of a session's processes together, by the kernel, by control groups.

Both versions of control groups are known. With version 2 sessions get even shares of the processors
too, however many processes one of them starts. Where no group can be made (an ordinary user, a
container that shows them read-only) the fork server looks at the memory four times a second
instead, and the number of processes has the limit that the kernel keeps for each user.
"""

import contextlib
import os
import secrets
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


class Groups:
    """A control group of our own, below which each session gets one.

    In version 1 there are two: memory and the number of processes have a tree of groups each. They
    are opened before the fork server leaves the machine's file system, and used from inside.

    Raises
    ------
    OSError
        Where groups that limit memory cannot be made.
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
            with contextlib.suppress(OSError):  # then processes are limited by the user's number
                self._open(processes)

    def _open(self, parent: Path) -> None:
        """Make the group of our own in another one."""
        self.parents.append(os.open(parent, os.O_RDONLY))
        try:
            self._control("")
            os.mkdir(self.name, dir_fd=self.parents[-1])
            self._control(f"{self.name}/")
        except OSError:
            os.close(self.parents.pop())
            raise

    def _control(self, group: str) -> None:
        """Let the groups below one be limited; the processors are shared evenly between them."""
        for controller in ("+memory", "+cpu", "+pids"):
            with contextlib.suppress(OSError):  # version 2; fails where processes are in the group
                self._write(controller, self.parents[-1], f"{group}cgroup.subtree_control")

    def enter(self, session: str, memory: int, processes: int, join: bool = True) -> None:
        """Make a group and move this process into it.

        Parameters
        ----------
        memory
            Bytes that all in it may have.
        processes
            How many there may be in it, threads included.
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
        with contextlib.suppress(FileNotFoundError):  # not every machine lets them be limited
            self._write(processes, self.parents[-1], f"{group}/pids.max")
        for parent in self.parents if join else ():
            self._write(0, parent, f"{group}/cgroup.procs")  # 0 is the process that writes

    def remove(self, session: str) -> None:
        """Remove the group of a session that has ended."""
        for parent in self.parents:
            with contextlib.suppress(OSError):
                os.rmdir(f"{self.name}/{session}", dir_fd=parent)

    def close(self) -> None:
        """Remove the group of our own."""
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
    """The control group of this process that has a controller: memory or pids."""
    path = ""
    for line in OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == controller:
            return MOUNT / controller / path.lstrip("/")
    return MOUNT / path.lstrip("/")
