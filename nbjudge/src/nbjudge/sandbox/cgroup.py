"""Limit the memory of a session's processes together, by the kernel, where control groups allow it.

Sessions then get even shares of the processors too, however many processes one of them starts.

Both versions of control groups are known. Where no group can be made (an ordinary user, a container
that shows them read-only) the fork server looks at the memory four times a second instead.
"""

import contextlib
import os
import secrets
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")


class Groups:
    """A control group of our own, below which each session gets one.

    It is opened before the fork server leaves the machine's file system, and used from inside.

    Raises
    ------
    OSError
        Where groups cannot be made.
    """

    def __init__(self) -> None:
        self.parent, self.name = (
            os.open(_own_group(), os.O_RDONLY),
            f"nbjudge-{secrets.token_hex(6)}",
        )
        try:
            self._control("")
            os.mkdir(self.name, dir_fd=self.parent)
            self._control(f"{self.name}/")
            self.enter("try", 1 << 40, join=False)
            self.remove("try")
        except OSError:
            self.close()
            raise

    def _control(self, group: str) -> None:
        """Let the groups below one be limited; the processors are shared evenly between them."""
        for controller in ("+memory", "+cpu"):
            with contextlib.suppress(OSError):  # version 2; fails where processes are in the group
                self._write(controller, f"{group}cgroup.subtree_control")

    def enter(self, session: str, memory: int, join: bool = True) -> None:
        """Make a group and move this process into it.

        Parameters
        ----------
        memory
            Bytes that all in it may have.
        """
        group = f"{self.name}/{session}"
        os.mkdir(group, dir_fd=self.parent)
        try:
            self._write(memory, f"{group}/memory.max")
            for name, value in (("memory.swap.max", 0), ("memory.oom.group", 1)):
                with contextlib.suppress(OSError):
                    self._write(value, f"{group}/{name}")
        except FileNotFoundError:
            self._write(memory, f"{group}/memory.limit_in_bytes")
            with contextlib.suppress(OSError):
                self._write(memory, f"{group}/memory.memsw.limit_in_bytes")
        if join:
            self._write(0, f"{group}/cgroup.procs")  # 0 is the process that writes

    def remove(self, session: str) -> None:
        """Remove the group of a session that has ended."""
        with contextlib.suppress(OSError):
            os.rmdir(f"{self.name}/{session}", dir_fd=self.parent)

    def close(self) -> None:
        """Remove the group of our own."""
        with contextlib.suppress(OSError):
            os.rmdir(self.name, dir_fd=self.parent)
        os.close(self.parent)

    def _write(self, value: object, name: str) -> None:
        file = os.open(name, os.O_WRONLY, dir_fd=self.parent)
        try:
            os.write(file, str(value).encode())
        finally:
            os.close(file)


def _own_group() -> Path:
    """The control group of this process that limits memory."""
    path = ""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            return MOUNT / "memory" / path.lstrip("/")
    return MOUNT / path.lstrip("/")
