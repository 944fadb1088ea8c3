"""Engines: a worker and its nursery, started when needed, kept warm, and replaced when they die.

The unit of work is plain data in and plain data out, so that any `concurrent.futures.Executor` can
run `judge_submission`: threads here, processes, or machines of a cluster.
"""

import atexit
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from pathlib import Path

from nbjudge import _wire
from nbjudge._session import IsolationError

__all__ = ["Engine", "EngineError", "judge_submission", "stop_engines"]

ATTEMPTS = 3  # at one submission, if engines die


class EngineError(RuntimeError):
    """A submission could not be judged, for no fault of the student's."""


class Engine:
    """One worker process and what belongs to it.

    orders: what the worker needs to know to start: the sandbox, sizes
    """

    def __init__(self, orders: dict):
        self.orders = orders
        self.connection, theirs = socket.socketpair()
        path = str(Path(__file__).resolve().parents[1])
        known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(dict.fromkeys([*filter(None, known), path])),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "nbjudge._worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        _wire.send(self.connection, orders)
        self._receive()

    def _receive(self):
        try:
            answer = _wire.receive(self.connection)
        except (EOFError, OSError, _wire.WireError) as error:
            raise EngineError(f"the worker ended: {error}") from None
        if "refused" in answer:
            raise IsolationError(answer["refused"])
        if "failed" in answer:
            raise EngineError(answer["failed"])
        return answer

    def judge(self, job: dict) -> dict:
        """Judge one job.

        raises: EngineError where the engine failed, IsolationError where there was no sandbox
        """
        try:
            _wire.send(self.connection, job)
        except OSError as error:
            raise EngineError(f"the worker ended: {error}") from None
        return self._receive()

    def stop(self) -> None:
        """End the worker; its nursery and all else ends with it."""
        self.connection.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


_idle: dict[str, queue.LifoQueue] = {}
_started: set[Engine] = set()
_lock = threading.Lock()


def judge_submission(orders: dict, job: dict) -> dict:
    """Judge one job with an idle engine of this process, or a new one.

    raises: EngineError after several engines have failed at it; IsolationError
    """
    with _lock:
        idle = _idle.setdefault(json.dumps(orders, sort_keys=True), queue.LifoQueue())
    for attempt in range(ATTEMPTS):
        engine = None
        try:
            engine = _take(idle, orders)
            answer = engine.judge(job)
        except EngineError:
            if engine:
                _discard(engine)
            if attempt == ATTEMPTS - 1:
                raise
        except BaseException:
            if engine:
                _discard(engine)
            raise
        else:
            idle.put(engine)
            return answer


def _take(idle, orders):
    try:
        return idle.get_nowait()
    except queue.Empty:
        engine = Engine(orders)
        _started.add(engine)
        return engine


def _discard(engine):
    _started.discard(engine)
    engine.process.kill()
    engine.stop()


@atexit.register
def stop_engines() -> None:
    """End all engines of this process."""
    for engine in list(_started):
        _discard(engine)
    _idle.clear()
