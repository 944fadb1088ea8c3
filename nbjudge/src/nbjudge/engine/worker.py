"""Workers: warm, trusted processes that fork a judge for each submission.

A worker watches the judge as the judge watches the student: one that hangs or dies in a test cell
is replaced by another, which skips that cell.
"""

import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback

from nbjudge import wire
from nbjudge.engine.fork_servers import start_fork_server
from nbjudge.errors import ForkServerGoneError, IsolationError, UnreadableNotebookError, WireError
from nbjudge.judging.judge import judge
from nbjudge.judging.verdict import graded_notebook
from nbjudge.sandbox import control_socket, linux
from nbjudge.sandbox.processes import limit_memory

GRACE = 10.0  # seconds after which a judge that overruns its time is killed
MAX_DEATHS = 2  # of the judge in one test cell, before that cell is skipped


class Worker:
    """Judges jobs, one at a time, in forks of itself."""

    def __init__(self, connection, control, zygote):
        self.connection, self.control = connection, control
        self.shell, self.sandbox_config = zygote.shell, zygote.sandbox_config
        self.prepared, self.loaded = zygote.prepared, zygote.loaded

    def serve(self) -> None:
        """Judge what comes until the other side is gone."""
        while True:
            try:
                job = wire.receive(self.connection, limit=wire.MAX_TRUSTED)
            except (EOFError, OSError):
                return
            try:
                answer = self.judge(job)
            except IsolationError as error:
                answer = {"refused": str(error)}
            except Exception:
                answer = {"failed": traceback.format_exc()}
            wire.send(self.connection, answer, limit=wire.MAX_TRUSTED)

    def judge(self, job) -> dict:
        """Judge one job, in as many forks as it takes."""
        prepared = self.prepared[job["spec_key"]]
        job["skip"], deaths = {}, {}
        job["deadline"] = time.monotonic() + job["limits"]["submission_seconds"]
        while True:
            if control_socket.is_gone(self.control):
                self.control.close()
                self.control = start_fork_server(self.sandbox_config, self.loaded)
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
                message = wire.receive(ours, limit=wire.MAX_TRUSTED)
                if "cell" not in message:
                    answer = message
                    break
                number = message["cell"]
                seconds = job["limits"]["check_seconds"] + GRACE
                check_ends = None if number is None else time.monotonic() + seconds
        except (EOFError, OSError, WireError) as error:
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
            linux.die_with_parent()
            linux.call_process("nbj-judge")
            limit_memory(self.sandbox_config["judge_memory"])
            prepared, files, master = prepared
            job["master_files"] = master
            shutil.copytree(files, folder, dirs_exist_ok=True)
            os.chdir(folder)
            sys.path.insert(0, folder)

            def report(number):
                wire.send(connection, {"cell": number})

            try:
                verdict = judge(job, prepared, self.shell, self.control, report)
                answer = graded_notebook(verdict, prepared.spec, job)
            except UnreadableNotebookError as error:
                answer = {"unreadable": str(error)}
            except IsolationError as error:
                answer = {"refused": str(error)}
            wire.send(connection, answer, limit=wire.MAX_TRUSTED)
            status = 0
        except ForkServerGoneError:
            pass  # the worker starts another
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
