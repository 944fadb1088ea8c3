"""Engines: workers and their nurseries, started when needed, kept warm, replaced when they die.

The unit of work is plain data in and plain data out, so that any `concurrent.futures.Executor` can
run `judge_submission`: threads here, processes, or machines of a cluster.
"""

import atexit
import contextlib
import json
import os
import queue
import socket
import subprocess
import threading

from nbjudge import IsolationError, _wire
from nbjudge._start import ALWAYS, start

__all__ = ["EngineError", "judge_submission", "stop_engines", "try_isolation", "warm_up"]

ATTEMPTS = 3  # at one submission, if engines die


class EngineError(RuntimeError):
    """A submission could not be judged, for no fault of the student's."""


def _ask(connection, question):
    """Send a frame and receive the answer.

    raises: EngineError where the other side failed or is gone, IsolationError where it says so
    """
    try:
        _wire.send(connection, question, limit=_wire.MAX_TRUSTED)
        answer = _wire.receive(connection, limit=_wire.MAX_TRUSTED)
    except (EOFError, OSError, _wire.WireError) as error:
        raise EngineError(f"the worker ended: {error}") from None
    return _checked(answer)


def _checked(answer):
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


class _Template:
    """The process of which workers are forks."""

    def __init__(self):
        self.connection, theirs = socket.socketpair()
        self.lock = threading.Lock()
        self.modules: dict[str, str] = {}  # of the course, that it may have imported: {name: hash}
        self.process = start("_worker", theirs)
        theirs.close()

    def suits(self, modules) -> bool:
        """Whether it has imported no other version of a module that a job needs."""
        return all(self.modules.get(name, version) == version for name, version in modules.items())

    def order(self, orders) -> None:
        """Say how students' code is to be shut in."""
        environment = {**os.environ, **ALWAYS}
        _ask(self.connection, {"do": "orders", "orders": orders, "environment": environment})

    def worker(self, job) -> "_Worker":
        """A new worker that knows the assignment of a job."""
        with self.lock:
            wanted = {name: job[name] for name in ("plan", "master_files")}
            _ask(self.connection, {"do": "prepare", "key": job["plan_key"], **wanted})
            ours, theirs = socket.socketpair()
            try:
                _wire.send(self.connection, {"do": "clone"})
                socket.send_fds(self.connection, [b"."], [theirs.fileno()])
                _checked(_wire.receive(self.connection))
            except (EOFError, OSError, _wire.WireError) as error:
                ours.close()
                raise EngineError(f"the worker ended: {error}") from None
            finally:
                theirs.close()
        return _Worker(ours)

    def stop(self) -> None:
        """End the process and all that belongs to it."""
        _hang_up(self.connection)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _Worker:
    """A worker as the coordinator sees it."""

    def __init__(self, connection):
        self.connection = connection

    def judge(self, job) -> dict:
        """Judge one job.

        raises: EngineError where the worker failed, IsolationError where there was no sandbox
        """
        known = ("plan", "master_files")
        return _ask(self.connection, {k: v for k, v in job.items() if k not in known})

    def stop(self) -> None:
        """Let the worker end."""
        _hang_up(self.connection)


_spare: list[_Template] = []  # started, without orders yet
_templates: dict[str, _Template] = {}  # by their orders
_busy: set[_Worker] = set()
_idle: dict[tuple[str, str], queue.LifoQueue] = {}  # workers, by their orders and assignment
_lock = threading.Lock()


def warm_up() -> None:
    """Start a template already, before it is known what it will be told."""
    _spare.append(_Template())


def judge_submission(orders: dict, job: dict) -> dict:
    """Judge one job with an idle worker of this process, or a new one.

    raises: EngineError after several workers have failed at it; IsolationError
    """
    key = json.dumps(orders, sort_keys=True)
    with _lock:
        idle = _idle.setdefault((key, job["plan_key"]), queue.LifoQueue())
    for attempt in range(ATTEMPTS):
        worker = None
        try:
            worker = _take(idle, key, orders, job)
            with _lock:
                if _idle.get((key, job["plan_key"])) is not idle:
                    raise EngineError("the engines have been stopped")
                _busy.add(worker)
            answer = worker.judge(job)
        except EngineError:
            stopped = _idle.get((key, job["plan_key"])) is not idle
            if stopped or attempt == ATTEMPTS - 1:
                raise
        else:
            _busy.discard(worker)
            idle.put(worker)
            worker = None
            return answer
        finally:
            if worker:
                _busy.discard(worker)
                worker.stop()
    raise AssertionError("unreachable")


def _take(idle, key, orders, job):
    try:
        return idle.get_nowait()
    except queue.Empty:
        pass
    template = _template(key, orders, job["modules"])
    try:
        return template.worker(job)
    except (EngineError, IsolationError):
        with _lock:
            if _templates.get(key) is template:
                del _templates[key]
        template.stop()
        raise


def _template(key, orders, modules):
    with _lock:
        if key in _templates and not _templates[key].suits(modules):
            for (orders_key, _), idle in _idle.items():
                while orders_key == key and not idle.empty():
                    idle.get().stop()
            _templates.pop(key).stop()
        if key not in _templates:
            template = _spare.pop() if _spare else _Template()
            try:
                template.order(orders)
            except BaseException:
                template.stop()
                raise
            _templates[key] = template
        _templates[key].modules |= modules
        return _templates[key]


def try_isolation(orders: dict) -> None:
    """Run one cell as ordered.

    raises: IsolationError where that cannot be done here
    """
    plan = {"name": "try", "cells": [], "language": "python", "kernelspec": {}}
    cell = '{"cells": [{"cell_type": "code", "source": "1 + 1", "metadata": {}}]}'
    limits = {"cell_seconds": 30, "check_seconds": 30, "submission_seconds": 60}
    job = {"notebook": cell.encode(), "files": {}, "plan_key": "", "plan": plan, "seed": 1}
    job |= {"master_files": {}, "modules": {}, "limits": limits, "mark": {}, "draw_all": True}
    judge_submission(orders, job)


@atexit.register
def stop_engines() -> None:
    """End all workers and templates of this process."""
    with _lock:
        workers = list(_busy) + [worker for idle in _idle.values() for worker in idle.queue]
        templates = [*_templates.values(), *_spare]
        _idle.clear()
        _templates.clear()
        _spare.clear()
    for one in [*workers, *templates]:
        one.stop()
