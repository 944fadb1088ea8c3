"""Workers: warm, trusted processes that fork a judge for each submission.

The template is the process of which workers are forks; it talks over one socket. Before it learns
anything it forks a nursery, of which each worker has a fork as well. A worker watches the judge as
the judge watches the student: one that hangs or dies in a test cell is replaced by another, which
skips that cell.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from nbjudge import IsolationError, _control, _linux, _nursery, _wire
from nbjudge._assignment import NotebookPlan
from nbjudge._judge import JudgeShell, NurseryGone, judge, limit_memory, prepare
from nbjudge._names import imports, parse
from nbjudge._remote import watch_seeding
from nbjudge._repair import Unreadable
from nbjudge._shell import make_shell
from nbjudge._start import start

__all__ = ["main"]

GRACE = 10.0  # seconds after which a judge that overruns its time is killed
PAGE_SECONDS = 60  # that a page may take, some hundred times what it does
PAGE_MEMORY = 1 << 30  # bytes
MAX_DEATHS = 2  # of the judge in one test cell, before that cell is skipped


def start_nursery(orders, loaded):
    """Start a nursery in the place of one that is gone; returns its control socket."""
    control, theirs = _control.pair()
    start("_nursery", theirs)
    theirs.close()
    order_nursery(control, orders, loaded)
    await_nursery(control, orders)
    return control


def fork_nursery(connection):
    """Fork the first nursery, which saves it from loading all again, before anything is known.

    connection: the template's own; returns the nursery's process id and control socket
    """
    control, theirs = _control.pair()
    pid = os.fork()
    if pid == 0:
        connection.close()
        control.close()
        try:
            _nursery.serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return pid, control


def order_nursery(control, orders, loaded=()) -> None:
    """Tell a nursery how it is to be shut in."""
    orders = {
        "sandbox": orders["sandbox"],
        "output_size": orders["output_size"],
        "load": list(loaded),
    }
    _control.send(control, orders)


def await_nursery(control, orders) -> None:
    """Wait until a nursery is shut in.

    raises: IsolationError where that cannot be had
    """
    answer, _ = _control.receive(control)
    if answer is None or answer.get("ready") != orders["sandbox"]["level"]:
        raise IsolationError((answer or {}).get("refused", "the nursery ended before it was ready"))


class Template:
    """What workers are forked from: it prepares assignments, and judges nothing itself."""

    def __init__(self, connection, nursery, control):
        self.connection, self.nursery, self.control = connection, nursery, control
        watch_seeding()
        warnings.formatwarning = _without_source
        self.shell = make_shell(1000, JudgeShell)
        self.orders, self.prepared, self.loaded, self.folders = None, {}, [], None
        self.workers = []  # process ids
        self.started = 0  # workers, those that have ended included
        self.shut_in = False  # whether the nursery has said that it is

    def serve(self) -> None:
        """Do what comes until the other side is gone."""
        while True:
            try:
                order = _wire.receive(self.connection, limit=_wire.MAX_TRUSTED)
            except (EOFError, OSError):
                return
            try:
                answer = getattr(self, f"do_{order['do']}")(order)
            except IsolationError as error:
                answer = {"refused": str(error)}
            except OSError as error:  # the machine's: no process, no room; the next try has none
                answer = {"refused": f"no worker can start: {error}"}
            except Exception:
                answer = {"failed": traceback.format_exc()}
            _wire.send(self.connection, answer, limit=_wire.MAX_TRUSTED)

    def do_orders(self, order):
        """Let the nursery shut itself in, and take over the coordinator's environment."""
        self.orders = order["orders"]
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        self.folders = tempfile.TemporaryDirectory(prefix="nbjudge-")
        self.shell.outputs.limit = self.orders["output_size"]
        order_nursery(self.control, self.orders)
        return {}

    def do_prepare(self, order):
        """Make what does not depend on who submitted a notebook."""
        if order["key"] in self.prepared:
            return {}
        plan = NotebookPlan.from_json(order["plan"])
        folder = tempfile.mkdtemp(dir=self.folders.name)
        _write_files(order["master_files"], folder)
        self.load(plan)
        os.chdir(folder)
        sys.path.insert(0, folder)
        self.shell.draw = False  # nobody sees what is shown here
        try:
            prepared = prepare(plan, self.shell)
        finally:
            self.shell.draw = True
            sys.path.remove(folder)
            os.chdir("/")
        self.prepared[order["key"]] = prepared, folder, order["master_files"]
        gc.collect()
        gc.freeze()
        return {}

    def load(self, plan):
        """Import what the notebook's cells import, here and in the nursery, before the forks."""
        lines = [
            line
            for cell in plan.cells
            if cell.cell_type == "code"
            for line in imports(parse(cell.solved))
        ]
        names = sorted({line.split()[1].split(",")[0] for line in lines})
        names = [name for name in names if not name.startswith(".") and name not in self.loaded]
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        self.loaded += names
        try:
            _control.send(self.control, {"load": names})
        except OSError:
            await_nursery(self.control, self.orders)  # which says why it has ended

    def do_clone(self, order):
        """Fork a worker that talks over the socket that comes next, with a nursery of its own."""
        _, descriptors, _, _ = socket.recv_fds(self.connection, 1, 1)
        connection = socket.socket(fileno=descriptors[0])
        control = None
        if order["pages"]:
            from nbjudge import page  # noqa: F401 - loaded before the fork, for all of them
        else:
            control = self._clone_nursery()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _linux.die_with_parent()
                _linux.call_process("nbj-worker")
                self.connection.close()
                self.control.close()
                kind = PageMaker if order["pages"] else Worker
                kind(connection, control, self).serve()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        connection.close()
        if control:
            control.close()
        running = [one for one in self.workers if os.waitpid(one, os.WNOHANG) == (0, 0)]
        self.workers = [*running, pid]
        return {"pid": pid}

    def _clone_nursery(self):
        """The control socket of another nursery."""
        if not self.shut_in:
            await_nursery(self.control, self.orders)
            self.shut_in = True
        control, theirs = _control.pair()
        self.started += 1
        _control.send(self.control, {"clone": self.started}, theirs.fileno())
        theirs.close()
        return control

    def close(self) -> None:
        """End the nursery, and with it all that it started; remove the folders."""
        self.control.close()
        for pid in self.workers:  # which end, as nobody holds the other ends of their sockets
            os.waitpid(pid, 0)
        deadline = time.monotonic() + 5
        while os.waitpid(self.nursery, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.nursery, signal.SIGKILL)
            time.sleep(0.002)
        if self.folders:
            self.folders.cleanup()


class Worker:
    """Judges jobs, one at a time, in forks of itself."""

    def __init__(self, connection, control, template):
        self.connection, self.control = connection, control
        self.shell, self.orders = template.shell, template.orders
        self.prepared, self.loaded = template.prepared, template.loaded

    def serve(self) -> None:
        """Judge what comes until the other side is gone."""
        while True:
            try:
                job = _wire.receive(self.connection, limit=_wire.MAX_TRUSTED)
            except (EOFError, OSError):
                return
            try:
                answer = self.judge(job)
            except IsolationError as error:
                answer = {"refused": str(error)}
            except Exception:
                answer = {"failed": traceback.format_exc()}
            _wire.send(self.connection, answer, limit=_wire.MAX_TRUSTED)

    def judge(self, job) -> dict:
        """Judge one job, in as many forks as it takes."""
        prepared = self.prepared[job["plan_key"]]
        job["skip"], deaths = {}, {}
        job["deadline"] = time.monotonic() + job["limits"]["submission_seconds"]
        while True:
            if _control.is_gone(self.control):
                self.control.close()
                self.control = start_nursery(self.orders, self.loaded)
            answer, number, reason = self.fork(job, prepared)
            if answer is not None:
                return answer
            if reason == "time" and number is None:
                return {"unreadable": "it takes longer than a submission may"}
            deaths[number] = deaths.get(number, 0) + 1
            if number is None and deaths[number] > MAX_DEATHS:
                return {"failed": f"the judge ended again and again: {reason}"}
            if reason == "time" or deaths[number] >= MAX_DEATHS:
                text = f"the judge ended while it ran the test ({reason})"
                job["skip"][str(number)] = "time" if reason == "time" else text

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
        deadline = job["deadline"] + 60
        check_ends = None
        try:
            while True:
                until = min(deadline, check_ends or deadline)
                reason = self._wait(ours, until)
                if reason:
                    break
                message = _wire.receive(ours, limit=_wire.MAX_TRUSTED)
                if "cell" not in message:
                    answer = message
                    break
                number = message["cell"]
                seconds = job["limits"]["check_seconds"] + GRACE
                check_ends = None if number is None else time.monotonic() + seconds
        except (EOFError, OSError, _wire.WireError) as error:
            reason = str(error)
        os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        ours.close()
        shutil.rmtree(folder, ignore_errors=True)
        if reason == "nobody asks":
            os._exit(1)
        return answer, number, reason if reason == "time" else f"status {status}"

    def _wait(self, ours, until):
        """Wait for the judge; returns why there is no more to wait for, or ""."""
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        poll.register(self.connection, select.POLLHUP)
        ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1000))
        if self.connection.fileno() in ready:
            return "nobody asks"
        return "" if ready else "time"

    def _be_judge(self, job, prepared, folder, connection):
        """What the fork does; it never returns."""
        status = 1
        try:
            _linux.die_with_parent()
            _linux.call_process("nbj-judge")
            limit_memory(self.orders["judge_memory"])
            prepared, files, master = prepared
            job["master_files"] = master
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
            _wire.send(connection, answer, limit=_wire.MAX_TRUSTED)
            status = 0
        except NurseryGone:
            pass  # the worker starts another
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)


class PageMaker(Worker):
    """Makes feedback pages; what was submitted may bring one to an end, which costs its page."""

    def serve(self) -> None:
        limit_memory(PAGE_MEMORY)
        super().serve()

    def judge(self, job) -> dict:
        """Make one page."""
        from nbjudge import page

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PAGE_SECONDS)  # after which the kernel ends this process
        about = page.About.from_json(job["about"])
        made = page.render(json.loads(job["notebook"]), about)
        signal.alarm(0)
        return {"page": made}


def _without_source(message, category, filename, lineno, line=None):
    """A warning as text; the line that it is about may be one of a hidden test."""
    return f"{category.__name__}: {message}\n"


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
    """Be a template for workers."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    _linux.call_process("nbj-template")
    _nursery.load_common()
    template = Template(connection, *fork_nursery(connection))
    try:
        template.serve()
    finally:
        template.close()
        os._exit(0)  # nothing else is left to be done; to take all apart would take long
