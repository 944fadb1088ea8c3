"""The coordinator's side of its processes: the zygote, and the workers that are forks of it."""

import contextlib
import os
import socket
import subprocess
import threading

from nbjudge import wire
from nbjudge.errors import EngineError, IsolationError, WireError
from nbjudge.sandbox.launch import ALWAYS, start


def ask(connection, question):
    """Send a frame and receive the answer.

    raises: EngineError where the other side failed or is gone, IsolationError where it says so
    """
    try:
        wire.send(connection, question, limit=wire.MAX_TRUSTED)
        answer = wire.receive(connection, limit=wire.MAX_TRUSTED)
    except (EOFError, OSError, WireError) as error:
        raise EngineError(f"the worker ended: {error}") from None
    return checked_answer(answer)


def checked_answer(answer):
    if "refused" in answer:
        raise IsolationError(answer["refused"])
    if "failed" in answer:
        raise EngineError(answer["failed"])
    return answer


def _hang_up(connection):
    """Close a socket, and wake the thread that may be waiting for something to come from it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class ZygoteProcess:
    """The process of which workers are forks."""

    def __init__(self):
        self.connection, theirs = socket.socketpair()
        self.lock = threading.Lock()
        self.key = ""  # its sandbox config, once it has some
        self.modules: dict[str, str] = {}  # of the course, that it may have imported: {name: hash}
        self.specs: set[str] = set()  # the keys of the notebooks that it has prepared
        self.process = start("engine.zygote", theirs)
        theirs.close()

    def suits(self, key, modules) -> bool:
        """Whether it has this sandbox config, and no other version of a module of a job."""
        return self.key == key and all(
            self.modules.get(name, version) == version for name, version in modules.items()
        )

    def order(self, sandbox_config) -> None:
        """Say how student code is to be isolated."""
        environment = {**os.environ, **ALWAYS}
        ask(
            self.connection,
            {"do": "orders", "orders": sandbox_config, "environment": environment},
        )

    def worker(self, job) -> "WorkerProcess":
        """A new worker that knows the assignment of a job."""
        with self.lock:
            wanted = {name: job[name] for name in ("spec", "master_files")}
            ask(self.connection, {"do": "prepare", "key": job["spec_key"], **wanted})
            self.specs.add(job["spec_key"])
            return WorkerProcess(self._clone(), self, frozenset(self.specs))

    def page_maker(self) -> "WorkerProcess":
        """A new worker that makes pages."""
        with self.lock:
            return WorkerProcess(self._clone(pages=True), self, PAGES)

    def _clone(self, pages=False):
        ours, theirs = socket.socketpair()
        try:
            wire.send(self.connection, {"do": "clone", "pages": pages})
            socket.send_fds(self.connection, [b"."], [theirs.fileno()])
            checked_answer(wire.receive(self.connection))
        except (EOFError, OSError, WireError) as error:
            ours.close()
            raise EngineError(f"the worker ended: {error}") from None
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def stop(self) -> None:
        """End the process and all that belongs to it."""
        _hang_up(self.connection)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


PAGES = frozenset({"pages"})  # what a worker knows that makes pages


class WorkerProcess:
    """A worker as the coordinator sees it; specs: the keys of the notebooks that it knows."""

    def __init__(self, connection, zygote, specs):
        self.connection, self.zygote, self.specs = connection, zygote, specs

    def judge(self, job) -> dict:
        """Judge one job.

        raises: EngineError where the worker failed, IsolationError where there was no sandbox
        """
        known = ("spec", "master_files")
        return ask(self.connection, {k: v for k, v in job.items() if k not in known})

    def make_page(self, job) -> dict:
        """Make one page.

        raises: EngineError where it could not be made
        """
        return ask(self.connection, job)

    def stop(self) -> None:
        """Let the worker end."""
        _hang_up(self.connection)
