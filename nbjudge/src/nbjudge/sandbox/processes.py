"""What the kernel says of processes, also after a fork server has left the machine's file system.

A fork server opens the machine's `/proc` before it leaves and keeps it. In a container that masks
parts of `/proc` no other one can be mounted, and a session then has none at all; the fork server
still sees how much memory a session uses, and what it has started. Sessions close the descriptor
before a student's code runs.
"""

import contextlib
import os
import resource


def limit_memory(amount: int) -> None:
    """Let this process have at most `amount` bytes more than it has."""
    amount += Processes().address_space()
    with contextlib.suppress(OSError, ValueError):  # where the machine's own limit is a lower one
        resource.setrlimit(resource.RLIMIT_AS, (amount, amount))


TICKS = os.sysconf("SC_CLK_TCK")  # a second


class Processes:
    """The `/proc` of the place where it was made; processes are numbered as they are there."""

    def __init__(self) -> None:
        self.folder: int | None
        try:
            os.readlink("/proc/self")  # an empty folder is no /proc
            self.folder = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        except OSError:  # not there, or another system: what is asked for is then 0 or empty
            self.folder = None

    def check(self) -> None:
        """Make sure that nothing a session starts can stay unseen.

        Raises
        ------
        OSError
            Where the kernel does not say who the children of a process are.
        """
        number = os.readlink("self", dir_fd=self._opened())
        os.close(os.open(f"{number}/task/{number}/children", os.O_RDONLY, dir_fd=self.folder))

    def namespace(self) -> int:
        """A descriptor of the namespace of processes in which the calling process is.

        Raises
        ------
        OSError
            Where the kernel does not give it.
        """
        return os.open("self/ns/pid", os.O_RDONLY, dir_fd=self._opened())

    def map_user(self, inside: int, outside: int, group_inside: int, group_outside: int) -> None:
        """Say who the calling process is in the new namespace of users that it is in, alone there.

        Raises
        ------
        OSError
            Where that is forbidden.
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
        """The number of the process that a descriptor (a pidfd) stands for; 0 if it has ended."""
        for line in self._lines(f"self/fdinfo/{descriptor}"):
            if line[0] == "Pid:":
                return max(0, int(line[1]))
        return 0

    def children(self, number: int) -> list[int]:
        """The processes that a process has started and that are still its own."""
        try:
            folder = os.open(f"{number}/task", os.O_RDONLY, dir_fd=self._opened())
        except OSError:
            return []
        try:
            threads = os.listdir(folder)
        except OSError:
            return []
        finally:
            os.close(folder)
        lines = [line for t in threads for line in self._lines(f"{number}/task/{t}/children")]
        return [int(child) for line in lines for child in line]

    def memory(self, number: int | str = "self") -> int:
        """Bytes of memory that are no pages of files."""
        lines = [line for line in self._lines(f"{number}/status") if len(line) > 1]
        return 1024 * sum(int(line[1]) for line in lines if line[0] in ("RssAnon:", "RssShmem:"))

    def seconds(self, number: int) -> float:
        """Processor time of a process and all its descendants, those that have ended included."""
        for line in self._lines(f"{number}/stat"):
            fields = " ".join(line).rpartition(")")[2].split()  # behind the name of the program
            ticks = sum(map(int, fields[11:15]))  # its own, and of the children it has waited for
            return ticks / TICKS + sum(map(self.seconds, self.children(number)))
        return 0.0

    def address_space(self) -> int:
        """Bytes of addresses that the calling process uses."""
        for line in self._lines("self/statm"):
            return int(line[0]) * resource.getpagesize()
        return 2 << 30  # more than Python with NumPy and matplotlib takes

    def _lines(self, name: str) -> list[list[str]]:
        """The words of each line of a file; none where it cannot be read."""
        try:
            file = os.open(name, os.O_RDONLY, dir_fd=self._opened())
            with open(file, errors="replace") as opened:
                return [words for line in opened if (words := line.split())]
        except OSError:
            return []
