"""Engines: workers and their fork servers, started when needed, kept warm, replaced when they die.

The unit of work is plain data in and plain data out. Any number of threads may ask at the same
time, for any assignments; each gets a worker of its own until it has the answer.
"""

import atexit
import json
import threading

from nbjudge.engine.handles import PAGES, WorkerProcess, ZygoteProcess
from nbjudge.errors import EngineError

ATTEMPTS = 3  # at one submission, if engines die
MAX_ZYGOTES = 3  # assignments may bring modules of one name that are not the same


class Engine:
    """The zygotes and workers of this process.

    `lock` guards the lists and is never held while a process is waited for; `starting` is held
    while a zygote starts, so that there is one for all who need it.
    """

    def __init__(self):
        self.lock, self.starting = threading.Lock(), threading.Lock()
        self.zygotes: list[ZygoteProcess] = []  # the one used last is the last
        self.spare: list[ZygoteProcess] = []  # started, without a sandbox config yet
        self.idle: list[WorkerProcess] = []
        self.busy: set[WorkerProcess] = set()
        self.stops = 0  # how often all has been stopped

    def judge(self, sandbox_config: dict, job: dict) -> dict:
        """Judge one job with an idle worker, or a new one."""
        key = json.dumps(sandbox_config, sort_keys=True)

        def suits(worker):
            known = job["spec_key"] in worker.specs
            return known and worker.zygote.suits(key, job["modules"])

        def make():
            return self._zygote(key, sandbox_config, job["modules"]).worker(job)

        return self._use(suits, make, lambda worker: worker.judge(job))

    def make_page(self, job: dict) -> dict:
        """Make one page with an idle worker that makes pages, or a new one."""
        return self._use(
            lambda worker: worker.specs is PAGES,
            lambda: self._any_zygote().page_maker(),
            lambda worker: worker.make_page(job),
        )

    def _use(self, suits, make, ask):
        """Ask a worker that suits; another one, where it fails."""
        for attempt in range(ATTEMPTS):
            worker, stops = None, self.stops
            try:
                worker = self._take(suits, make, stops)
                answer = ask(worker)
            except EngineError:
                if self.stops != stops or attempt == ATTEMPTS - 1:
                    raise
            else:
                with self.lock:
                    self.busy.discard(worker)
                    if self.stops == stops and worker.zygote in self.zygotes:
                        self.idle.append(worker)
                        worker = None
                return answer
            finally:
                if worker:
                    with self.lock:
                        self.busy.discard(worker)
                    worker.stop()
        raise AssertionError("unreachable")

    def _take(self, suits, make, stops):
        with self.lock:
            for worker in reversed(self.idle):  # the warmest first
                if suits(worker):
                    self.idle.remove(worker)
                    self.busy.add(worker)
                    return worker
        worker = make()
        with self.lock:
            stopped = self.stops != stops
            if not stopped:
                self.busy.add(worker)
            # A new worker knows what an older one does, and more: that one can go.
            older = [w for w in self.idle if w.zygote is worker.zygote]
            older = [w for w in older if w.specs < worker.specs][:1]
            self.idle = [w for w in self.idle if w not in older]
        for one in [*older, *[worker] * stopped]:
            one.stop()
        if stopped:
            raise EngineError("the engines have been stopped")
        return worker

    def _zygote(self, key, sandbox_config, modules):
        """A zygote with this sandbox config, in which these modules can be imported."""
        with self.starting:
            stops = self.stops
            with self.lock:
                found = next((t for t in self.zygotes if t.suits(key, modules)), None)
                if found:
                    self.zygotes.remove(found)
                    self.zygotes.append(found)
                    found.modules |= modules
                    return found
                zygote = self.spare.pop() if self.spare else None
            zygote = zygote or ZygoteProcess()
            zygote.key, zygote.modules = key, dict(modules)
            self._add(zygote, stops)
            try:
                zygote.order(sandbox_config)
            except BaseException:
                self._drop([zygote])
                raise
            self._retire()
            return zygote

    def _any_zygote(self):
        """A zygote that pages can be made with: its sandbox config does not matter."""
        with self.starting:
            stops = self.stops
            with self.lock:
                if self.zygotes:
                    return self.zygotes[-1]
                zygote = self.spare.pop() if self.spare else None
            zygote = zygote or ZygoteProcess()
            self._add(zygote, stops)
            return zygote

    def _add(self, zygote, stops):
        with self.lock:
            stopped = self.stops != stops
            if not stopped:
                self.zygotes.append(zygote)
        if stopped:
            zygote.stop()
            raise EngineError("the engines have been stopped")

    def _retire(self):
        """Stop the zygotes that have not been used for longest, if there are too many."""
        with self.lock:
            busy = {worker.zygote for worker in self.busy}
            old = [t for t in self.zygotes[:-1] if t not in busy]
            old = old[: max(0, len(self.zygotes) - MAX_ZYGOTES)]
        self._drop(old)

    def _drop(self, zygotes):
        with self.lock:
            self.zygotes = [t for t in self.zygotes if t not in zygotes]
            dropped = [worker for worker in self.idle if worker.zygote in zygotes]
            self.idle = [worker for worker in self.idle if worker not in dropped]
        for one in [*dropped, *zygotes]:
            one.stop()

    def warm_up(self) -> None:
        """Start a zygote already, before it is known what for."""
        zygote = ZygoteProcess()
        with self.lock:
            self.spare.append(zygote)

    def stop(self) -> None:
        """End all workers and zygotes; whoever waits for one gets an EngineError."""
        with self.lock:
            self.stops += 1
            workers, zygotes = [*self.busy, *self.idle], [*self.zygotes, *self.spare]
            self.zygotes, self.spare, self.idle = [], [], []
            self.busy.clear()
        for one in [*workers, *zygotes]:
            one.stop()

    def processes(self) -> list[int]:
        """The processes that all others of the engine descend from."""
        with self.lock:
            return [zygote.process.pid for zygote in (*self.zygotes, *self.spare)]


_engine = Engine()
warm_up, processes = _engine.warm_up, _engine.processes


def judge_submission(sandbox_config: dict, job: dict) -> dict:
    """Judge one job.

    raises: EngineError after several workers have failed at it; IsolationError
    """
    return _engine.judge(sandbox_config, job)


def make_page(notebook: bytes, about: dict) -> str:
    """The feedback page of a graded notebook; about: as `About.to_json` gives it.

    raises: EngineError where it cannot be made
    """
    return _engine.make_page({"do": "page", "notebook": notebook, "about": about})["page"]


def try_isolation(sandbox_config: dict) -> None:
    """Run one cell as ordered.

    raises: IsolationError where that cannot be done here
    """
    spec = {"name": "try", "cells": [], "language": "python", "kernelspec": {}}
    cell = '{"cells": [{"cell_type": "code", "source": "1 + 1", "metadata": {}}]}'
    limits = {"cell_seconds": 30, "check_seconds": 30, "submission_seconds": 60}
    job = {"notebook": cell.encode(), "files": {}, "spec_key": "", "spec": spec, "seed": 1}
    job |= {"master_files": {}, "modules": {}, "limits": limits, "mark": {}, "draw_all": True}
    judge_submission(sandbox_config, job)


@atexit.register
def stop_engines() -> None:
    """End all workers and zygotes of this process."""
    _engine.stop()
