"""A worker: a warm, trusted process that forks a judge for each submission.

`python -m nbjudge._worker DESCRIPTOR` talks over one socket. It has a nursery of its own, which it
starts with nothing of its environment. It watches the judge as the judge watches the student: one
that hangs or dies in a test cell is replaced by another, which skips that cell.
"""

import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from nbjudge import _linux, _wire
from nbjudge._assignment import NotebookPlan
from nbjudge._judge import JudgeShell, judge, limit_memory, prepare
from nbjudge._names import imports, parse
from nbjudge._repair import Unreadable
from nbjudge._session import IsolationError
from nbjudge._shell import make_shell

__all__ = ["main"]

GRACE = 10.0  # seconds after which a judge that overruns its time is killed
MAX_DEATHS = 2  # of the judge in one test cell, before that cell is skipped
THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
START_NURSERY = """
import sys
sys.path.append({path!r})
from nbjudge._nursery import main
main()
"""


def quiet_environment() -> dict[str, str]:
    """What a nursery is told of the world: where programs are, and that one thread is enough."""
    programs = os.pathsep.join([os.path.dirname(sys.executable), "/usr/local/bin:/usr/bin:/bin"])
    threads = {f"{name}_NUM_THREADS": "1" for name in THREADS}
    return {
        "PATH": programs,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "" if _has_user_site() else "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **threads,
    }


def _has_user_site():
    import site

    return bool(site.ENABLE_USER_SITE)


class Worker:
    """Judges jobs, one at a time, in forks of itself."""

    def __init__(self, connection, orders):
        self.connection, self.orders = connection, orders
        self.shell = make_shell(orders["output_size"], JudgeShell)
        self.prepared = {}
        self.loaded = []
        self.control = self.nursery = None

    def serve(self) -> None:
        """Judge what comes until the other side is gone."""
        self.start_nursery()
        _wire.send(self.connection, {"ready": True})
        while True:
            try:
                job = _wire.receive(self.connection)
            except (EOFError, OSError):
                return
            try:
                answer = self.judge(job)
            except IsolationError as error:
                answer = {"refused": str(error)}
            except Exception:
                answer = {"failed": traceback.format_exc()}
            _wire.send(self.connection, answer)

    def start_nursery(self) -> None:
        """Start a nursery, in place of the one that there may have been.

        raises: IsolationError where it cannot be shut in as asked
        """
        self.stop_nursery()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = str(Path(__file__).resolve().parents[1])
        start = START_NURSERY.format(path=path)
        self.nursery = subprocess.Popen(
            [sys.executable, "-P", "-c", start, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=quiet_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        theirs.close()
        orders = {
            "sandbox": self.orders["sandbox"],
            "output_size": self.orders["output_size"],
            "hidden_path": path,
            "load": self.loaded,
        }
        self.control.send(json.dumps(orders).encode())
        answer = json.loads(self.control.recv(1 << 16) or b'{"refused": "the nursery ended"}')
        if answer.get("ready") != self.orders["sandbox"]["level"]:
            raise IsolationError(answer.get("refused", "the nursery did not start"))

    def stop_nursery(self) -> None:
        """End the nursery and all that it started."""
        if self.control:
            self.control.close()
            self.nursery.kill()
            self.nursery.wait()

    def judge(self, job) -> dict:
        """Judge one job, in as many forks as it takes."""
        prepared = self.prepare(job)
        job["skip"], deaths = {}, {}
        while True:
            if self.nursery.poll() is not None:
                self.start_nursery()
            answer, number, reason = self.fork(job, prepared)
            if answer is not None:
                return answer
            deaths[number] = deaths.get(number, 0) + 1
            if number is None and deaths[number] > MAX_DEATHS:
                return {"failed": f"the judge ended again and again: {reason}"}
            if reason == "time" or deaths[number] >= MAX_DEATHS:
                text = f"the judge ended while it ran the test ({reason})"
                job["skip"][str(number)] = "time" if reason == "time" else text
            self.start_nursery()

    def prepare(self, job):
        """What does not depend on who submitted, made when an assignment comes first."""
        key = job["plan_key"]
        if key not in self.prepared:
            plan = NotebookPlan.from_json(job["plan"])
            folder = tempfile.mkdtemp(prefix="nbjudge-files-")
            _write_files(job["master_files"], folder)
            self.load(plan)
            os.chdir(folder)
            sys.path.insert(0, folder)
            self.prepared[key] = prepare(plan, self.shell), folder
            sys.path.remove(folder)
            gc.collect()
            gc.freeze()
        return self.prepared[key]

    def load(self, plan):
        """Import what the notebook's cells import, here and in the nursery, before the forks."""
        lines = [
            line
            for cell in plan.cells
            if cell.cell_type == "code"
            for line in imports(parse(cell.solved))
        ]
        names = sorted({line.split()[1].split(",")[0] for line in lines} - {"*"})
        names = [name for name in names if not name.startswith(".")]
        for name in names:
            try:
                importlib.import_module(name)
            except Exception:
                continue
        self.loaded = sorted({*self.loaded, *names})
        self.control.send(json.dumps({"load": names}).encode())

    def fork(self, job, prepared):
        """Judge in a fork; returns its answer, or None, the cell it was in, and why it ended."""
        ours, theirs = socket.socketpair()
        folder = tempfile.mkdtemp(prefix="nbjudge-judge-")
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.connection.close()
            self._be_judge(job, prepared, folder, theirs)
        theirs.close()
        answer, reason, number = None, "", None
        deadline = time.monotonic() + job["limits"]["submission_seconds"] + 60
        check_ends = None
        try:
            while True:
                until = min(deadline, check_ends or deadline)
                if not self._wait(ours, until):
                    reason = "time"
                    break
                message = _wire.receive(ours)
                if "cell" not in message:
                    answer = message
                    break
                number = message["cell"]
                check_ends = time.monotonic() + job["limits"]["check_seconds"] + GRACE
        except (EOFError, OSError, _wire.WireError) as error:
            reason = str(error)
        os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        ours.close()
        shutil.rmtree(folder, ignore_errors=True)
        return answer, number, reason if reason == "time" else f"status {status}"

    def _wait(self, ours, until):
        """Wait for the judge; end with it if whoever gave the job is gone."""
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        poll.register(self.connection, select.POLLRDHUP)
        ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1000))
        if self.connection.fileno() in ready:
            os._exit(1)
        return bool(ready)

    def _be_judge(self, job, prepared, folder, connection):
        """What the fork does; it never returns."""
        status = 1
        try:
            _linux.die_with_parent()
            limit_memory(self.orders["judge_memory"])
            prepared, files = prepared
            shutil.copytree(files, folder, dirs_exist_ok=True)
            os.chdir(folder)
            sys.path.insert(0, folder)

            def report(number):
                _wire.send(connection, {"cell": number})

            try:
                verdict = judge(job, prepared, self.shell, self.control, report)
                answer = _notebook(verdict, prepared.plan, job)
            except Unreadable as error:
                answer = {"unreadable": str(error)}
            except IsolationError as error:
                answer = {"refused": str(error)}
            _wire.send(connection, answer)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)


def _write_files(files, folder):
    for name, content in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _notebook(verdict, plan, job) -> dict:
    """The verdict as plain data, with the graded notebook as the text of a file."""
    metadata = {"nbjudge": job["mark"]}
    if plan.kernelspec:
        metadata["kernelspec"] = plan.kernelspec
    count = 0
    for cell in verdict.cells:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell.pop("attachments", None)
    notebook = {
        "cells": verdict.cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return {
        "notebook": text.encode("utf-8", "replace"),
        "scores": verdict.scores,
        "unanswered": verdict.unanswered,
        "mended": verdict.mended,
        "errors": verdict.errors,
    }


def main() -> None:
    """Be a worker."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the coordinator
    orders = _wire.receive(connection)
    try:
        worker = Worker(connection, orders)
        worker.serve()
    except IsolationError as error:
        _wire.send(connection, {"refused": str(error)})
    finally:
        if "worker" in locals():
            worker.stop_nursery()


if __name__ == "__main__":
    main()
