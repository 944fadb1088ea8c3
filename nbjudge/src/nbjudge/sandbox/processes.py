"""Read /proc, even after a fork server leaves the machine's file system.

A fork server opens the machine's `/proc` before it leaves, and keeps it open. In a container that
masks parts of `/proc`, a new `/proc` cannot be mounted and sessions have none, but the fork server
can still see a session's memory and descendants. Sessions close the descriptor before student code
runs.
"""

import contextlib
import os
import resource
import signal
import stat
from collections.abc import Collection


def limit_memory(amount: int) -> None:
    """Limit the address space of this process to `amount` bytes more than it uses now."""
    amount += Processes().address_space()
    with contextlib.suppress(OSError, ValueError):  # the machine's own limit may be lower
        resource.setrlimit(resource.RLIMIT_AS, (amount, amount))


TICKS = os.sysconf("SC_CLK_TCK")  # per second


class Processes:
    """The `/proc`, and process ids, of the PID namespace in which this object was created."""

    def __init__(self) -> None:
        self.folder: int | None
        try:
            os.readlink("/proc/self")  # fails in an empty folder
            self.folder = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        except OSError:  # missing, or another system: all results are then 0 or empty
            self.folder = None

    def check(self) -> None:
        """Check that every process a session starts can be found.

        Raises
        ------
        OSError
            If the kernel does not list the children of a process.
        """
        number = os.readlink("self", dir_fd=self._opened())
        os.close(os.open(f"{number}/task/{number}/children", os.O_RDONLY, dir_fd=self.folder))

    def namespace(self) -> int:
        """Return a descriptor of the calling process's PID namespace.

        Raises
        ------
        OSError
            If the kernel does not provide one.
        """
        return os.open("self/ns/pid", os.O_RDONLY, dir_fd=self._opened())

    def map_user(self, inside: int, outside: int, group_inside: int, group_outside: int) -> None:
        """Map the user and group of the calling process into its new user namespace.

        Raises
        ------
        OSError
            If the kernel forbids the mapping.
        """
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{inside} {outside} 1"),
            ("gid_map", f"{group_inside} {group_outside} 1"),
        ):
            file = os.open(f"self/{name}", os.O_WRONLY, dir_fd=self._opened())
            try:
                os.write(file, text.encode())
            finally:
                os.close(file)

    def _opened(self) -> int:
        if self.folder is None:
            raise FileNotFoundError("there is no /proc")
        return self.folder

    def number(self, descriptor: int) -> int:
        """Return the process id that a pidfd refers to; 0 if the process has ended."""
        for line in self._lines(f"self/fdinfo/{descriptor}"):
            if line[0] == "Pid:":
                return max(0, int(line[1]))
        return 0

    def children(self, number: int) -> list[int]:
        """Return the process ids of a process's children."""
        threads = self._names(f"{number}/task")
        lines = [line for t in threads for line in self._lines(f"{number}/task/{t}/children")]
        return [int(child) for line in lines for child in line]

    def end_children(self, kept: Collection[int]) -> None:
        """Kill the calling process's children, except those kept, until it has no others.

        If the process adopts orphans, this also ends what its children have started.
        """
        while ending := [n for n in self.children(os.getpid()) if n not in kept]:
            for number in ending:
                os.kill(number, signal.SIGKILL)
            for number in ending:
                os.waitpid(number, 0)

    def memory(self, number: int | str = "self") -> int:
        """Return the resident memory of a process in bytes, without file-backed pages."""
        lines = [line for line in self._lines(f"{number}/status") if len(line) > 1]
        return 1024 * sum(int(line[1]) for line in lines if line[0] in ("RssAnon:", "RssShmem:"))

    def deleted_files(self, number: int) -> dict[tuple[int, int], int]:
        """Return the sizes in bytes of the files that a process holds open without a name.

        Returns
        -------
        sizes
            {(device, inode): bytes on the disk}; empty if the process has ended.
        """
        sizes = {}
        for name in self._names(f"{number}/fd"):
            with contextlib.suppress(OSError):  # closed meanwhile
                status = os.stat(f"{number}/fd/{name}", dir_fd=self._opened())
                if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                    sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
        return sizes

    def seconds(self, number: int) -> float:
        """Return the processor time of a process and all its descendants, even ended ones."""
        return self.own_seconds(number) + sum(map(self.seconds, self.children(number)))

    def own_seconds(self, number: int) -> float:
        """Return the processor time of a process and of its reaped children."""
        return sum(map(int, self._status(f"{number}/stat")[11:15])) / TICKS

    def is_running(self, number: int) -> bool:
        """True if a thread of a process runs or waits for a processor.

        Waiting without interruption (D) does not count: it is for the disk, or for a child made
        with vfork, which may never end.
        """
        threads = self._names(f"{number}/task")
        states = (self._status(f"{number}/task/{thread}/stat")[:1] for thread in threads)
        return any(state == ["R"] for state in states)

    def _status(self, name: str) -> list[str]:
        """Return the fields of a `stat` file after the program's name; [] if it is unreadable."""
        words = [word for line in self._lines(name) for word in line]  # the name may have lines
        return " ".join(words).rpartition(")")[2].split()

    def address_space(self) -> int:
        """Return the size of the calling process's address space in bytes."""
        for line in self._lines("self/statm"):
            return int(line[0]) * resource.getpagesize()
        return 2 << 30  # more than Python uses with NumPy and matplotlib

    def _names(self, name: str) -> list[str]:
        """Return the names in a folder; [] if it cannot be listed."""
        try:
            folder = os.open(name, os.O_RDONLY, dir_fd=self._opened())
        except OSError:
            return []
        try:
            return os.listdir(folder)
        except OSError:
            return []
        finally:
            os.close(folder)

    def _lines(self, name: str) -> list[list[str]]:
        """Return the words of each line of a file; [] if it cannot be read."""
        try:
            file = os.open(name, os.O_RDONLY, dir_fd=self._opened())
            with open(file, errors="replace") as opened:
                return [words for line in opened if (words := line.split())]
        except OSError:
            return []
