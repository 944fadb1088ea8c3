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
from typing import TYPE_CHECKING, NoReturn

from nbjudge.engine.fork_servers import start_fork_server
from nbjudge.engine.messages import Failed, RunningTest
from nbjudge.errors import ForkServerGoneError, IsolationError, UnreadableNotebookError, WireError
from nbjudge.judging.judge import judge
from nbjudge.judging.messages import Attempt, Graded, Submission, Unreadable
from nbjudge.judging.prepare import Prepared
from nbjudge.sandbox import control_socket, linux
from nbjudge.sandbox.messages import Refused
from nbjudge.sandbox.processes import limit_memory
from nbjudge.wire.format import MAX_TRUSTED
from nbjudge.wire.framing import receive_message, send_message
from nbjudge.wire.messages import Message

if TYPE_CHECKING:
    from nbjudge.engine.zygote import Zygote

GRACE = 10.0  # seconds after which a judge that overruns its time is killed
MAX_DEATHS = 2  # of the judge in one test cell, before that cell is skipped


class Worker:
    """Judges submissions, one at a time, in forks of itself.

    Parameters
    ----------
    control
        Of its own fork server; None where it needs none.
    zygote
        What it is a fork of.
    """

    serves: type[Message] = Submission

    def __init__(self, connection: socket.socket, control: socket.socket | None, zygote: "Zygote"):
        self.connection, self.control = connection, control
        self.shell, self.config = zygote.shell, zygote.config
        self.prepared, self.loaded = zygote.prepared, zygote.loaded

    def serve(self) -> None:
        """Do what is asked until the other side is gone."""
        while True:
            try:
                request = receive_message(self.connection, self.serves, limit=MAX_TRUSTED)
            except (EOFError, OSError):
                return
            try:
                answer = self.answer(request)
            except IsolationError as error:
                answer = Refused(str(error))
            except Exception:
                answer = Failed(traceback.format_exc())
            send_message(self.connection, answer, limit=MAX_TRUSTED)

    def answer(self, submission: Message) -> Message:
        """Judge one submission, in as many forks as it takes."""
        assert isinstance(submission, Submission) and self.control and self.config
        prepared = self.prepared[submission.key]
        deaths: dict[int | None, int] = {}  # by the test cell that ran
        attempt = Attempt(time.monotonic() + submission.limits.submission_seconds)
        while True:
            if control_socket.is_gone(self.control):
                self.control.close()
                self.control = start_fork_server(self.config, self.loaded)
            answer, number, reason = self.fork(submission, prepared, attempt)
            if answer is not None:
                return answer
            if reason == "time" and number is None:
                return Unreadable("it takes longer than a submission may")
            deaths[number] = deaths.get(number, 0) + 1
            if number is None and deaths[number] > MAX_DEATHS:
                return Failed(f"the judge ended again and again: {reason}")
            if number is not None and (reason == "time" or deaths[number] >= MAX_DEATHS):
                text = f"the judge ended while it ran the test ({reason})"
                attempt.skip[number] = "time" if reason == "time" else text

    def fork(
        self, submission: Submission, prepared: Prepared, attempt: Attempt
    ) -> tuple[Message | None, int | None, str]:
        """Judge in a fork; returns its answer, or None, the cell it was in, and why it ended."""
        ours, other_end = socket.socketpair()
        folder = tempfile.mkdtemp(prefix="nbjudge-judge-")
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.connection.close()
            self._be_judge(submission, prepared, attempt, folder, other_end)
        other_end.close()
        answer: Message | None = None
        reason = ""
        number: int | None = None  # of the test cell that it runs
        check_ends: float | None = None
        deadline = attempt.deadline + 60
        try:
            while True:
                until = min(deadline, check_ends or deadline)
                reason = self._wait(ours, until)
                if reason:
                    break
                expected = (RunningTest, Graded, Unreadable, Refused)
                message = receive_message(ours, *expected, limit=MAX_TRUSTED)
                if not isinstance(message, RunningTest):
                    answer = message
                    break
                number = message.cell
                seconds = submission.limits.check_seconds + GRACE
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

    def _wait(self, ours: socket.socket, until: float) -> str:
        """Wait for the judge; returns why there is no more to wait for, or ""."""
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        poll.register(self.connection, select.POLLHUP)
        ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1000))
        if self.connection.fileno() in ready:
            return "nobody asks"
        return "" if ready else "time"

    def _be_judge(
        self,
        submission: Submission,
        prepared: Prepared,
        attempt: Attempt,
        folder: str,
        connection: socket.socket,
    ) -> NoReturn:
        """What the fork does; it never returns."""
        status = 1
        try:
            assert self.config is not None
            linux.die_with_parent()
            linux.set_process_name("nbj-judge")
            limit_memory(self.config.judge_memory)
            shutil.copytree(prepared.folder, folder, dirs_exist_ok=True)
            os.chdir(folder)
            sys.path.insert(0, folder)

            def report(number: int | None) -> None:
                send_message(connection, RunningTest(number))

            answer: Message
            try:
                answer = judge(submission, prepared, attempt, self.shell, self.control, report)
            except UnreadableNotebookError as error:
                answer = Unreadable(str(error))
            except IsolationError as error:
                answer = Refused(str(error))
            send_message(connection, answer, limit=MAX_TRUSTED)
            status = 0
        except ForkServerGoneError:
            pass  # the worker starts another
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
