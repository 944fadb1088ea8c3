"""A Dask scheduler and its workers as local processes, which tests can kill."""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.small_course import environment
from tests.support.waiting import wait_until

__all__ = ["SLOWEST", "Cluster"]

SLOWEST = 180  # upper bound, in seconds, for starting a worker on a busy machine


class Cluster:
    """A Dask scheduler and its workers, each a local process.

    Parameters
    ----------
    protocol
        Protocol of the connections, "tcp" or "tls".
    variables
        Environment variables of all processes.
    """

    def __init__(self, folder, protocol="tcp", **variables):
        self.folder, self.workers = Path(folder), []
        self.protocol, self.variables = protocol, variables
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self.start_scheduler()

    def start(self, name, *arguments, **variables):
        command = [sys.executable, "-m", "distributed.cli.dask_" + name, *arguments]
        log = open(self.folder / f"{name}.log", "ab")  # noqa: SIM115
        given = {"cwd": self.folder, "env": environment(**self.variables, **variables)}
        with log:
            return subprocess.Popen(command, stdout=log, stderr=log, **given)

    def start_scheduler(self):
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        options += ["--protocol", self.protocol]
        self.scheduler = self.start("scheduler", *options)

        def answers():
            assert self.scheduler.poll() is None, (self.folder / "scheduler.log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return True

        assert wait_until(answers, SLOWEST)

    def add_worker(self, *more, wait=True, **variables):
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        folder = self.folder / f"worker-{len(self.workers)}"
        options += ["--local-directory", str(folder), "--death-timeout", "60", *more]
        self.workers.append(self.start("worker", self.address, *options, **variables))
        log = self.folder / "scheduler.log"
        count = log.read_text().count("Register worker addr") + 1
        if wait:
            assert wait_until(
                lambda: log.read_text().count("Register worker addr") >= count, SLOWEST
            )
        return self.workers[-1]

    @property
    def running(self):
        """Workers that are still running."""
        return [worker for worker in self.workers if worker.poll() is None]

    def kill_scheduler(self):
        """Kill the scheduler with SIGKILL; the workers then exit."""
        self.scheduler.kill()
        self.scheduler.wait()

    def kill_worker(self):
        """Kill a worker with SIGKILL; return True if one was running."""
        for worker in self.running[:1]:
            worker.kill()
            worker.wait()
            return True
        return False

    def stop(self):
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()
