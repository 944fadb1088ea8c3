"""Workers: warm, trusted processes that fork a judge for each submission.

A worker monitors its judge as the judge monitors the session. If a judge hangs or dies in a test
cell, a new judge replaces it and skips that cell.
"""

import contextlib
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from nbjudge.engine.fork_servers import living_fork_server
from nbjudge.engine.messages import Failed, RunningTest
from nbjudge.errors import ForkServerGoneError, IsolationError, UnreadableNotebookError, WireError
from nbjudge.judging.judge import judge_notebook
from nbjudge.judging.messages import Attempt, Graded, NotebookSubmission, TimeLeft, Unreadable
from nbjudge.judging.prepare import Prepared
from nbjudge.sandbox import linux
from nbjudge.sandbox.client import ForkServerClient
from nbjudge.sandbox.confining import confine
from nbjudge.sandbox.messages import Refused
from nbjudge.sandbox.processes import Processes, limit_memory
from nbjudge.sandbox.sandbox import devices, environment_folders
from nbjudge.sandbox.signals import use_default_signals
from nbjudge.wire.format import MAX_CONFINED, MAX_TRUSTED
from nbjudge.wire.framing import receive_message, send_message
from nbjudge.wire.messages import Message

if TYPE_CHECKING:
    from nbjudge.engine.zygote import Zygote

_processes = Processes()
JUDGE_GRACE = 10.0  # seconds beyond a test's time limit that its judge may compute or be silent
CHECK = 1.0  # seconds between two checks that a judge computes or answers
MAX_DEATHS = 2  # deaths of the judge in one test cell, or outside all, until the worker gives up


@dataclass(frozen=True)
class _JudgeEnd:
    """The end of a judge.

    Attributes
    ----------
    answer
        Answer of the judge; None if it gave none.
    cell
        Number of the test cell that was running, or None.
    timed_out
        True if the judge exceeded a time limit.
    status
        Exit status, or the negative number of the signal that ended the judge.
    """

    answer: Message | None
    cell: int | None
    timed_out: bool
    status: int

    @property
    def how(self) -> str:
        """The signal or the exit status that ended the judge."""
        if self.status < 0:
            return signal.strsignal(-self.status) or f"signal {-self.status}"
        return f"exit status {self.status}"


class Watch:
    """Decides whether a judge hangs, as the judge does for a session.

    Parameters
    ----------
    processor
        Function that returns the processor time that the judge has used, in seconds.
    clock
        Function that returns the time on the wall clock, in seconds.
    """

    def __init__(self, processor: Callable[[], float], clock: Callable[[], float] = time.monotonic):
        self.processor, self.clock = processor, clock

    def begin(self, seconds: float) -> None:
        """Allow the judge some seconds of processor time, and as long a silence, from now on."""
        self.seconds, self.used = seconds, self.processor()
        self.most = self.used + seconds
        self.hear()

    def hear(self) -> None:
        """Note a sign of life."""
        self.heard = self.clock()

    def hangs(self) -> bool:
        """True if the judge has computed too long, or neither computed nor answered."""
        used = self.processor()
        if used > self.used:
            self.used = used
            self.hear()
        return used > self.most or self.clock() - self.heard > self.seconds


class Worker:
    """Judges submissions, one at a time, in forks of itself.

    `course.run.Run` describes its part in the life of a run.

    Parameters
    ----------
    connection
        Socket to the coordinator.
    control
        Control socket of the worker's fork server.
    zygote
        The zygote from which the worker was forked.
    """

    folder: str | None = None  # for temporary files; None for the system's default

    def __init__(self, connection: socket.socket, control: socket.socket, zygote: "Zygote"):
        self.connection, self.control = connection, control
        self.shell, self.config = zygote.shell, zygote.config
        self.prepared, self.loaded, self.folder = zygote.prepared, zygote.loaded, zygote.folder

    def serve(self) -> None:
        """Answer requests until the connection is closed."""
        while True:
            try:
                request = receive_message(self.connection, NotebookSubmission, limit=MAX_TRUSTED)
            except (EOFError, OSError):
                return
            try:
                answer = self.answer(request)
            except IsolationError as error:
                answer = Refused(str(error))
            except Exception:
                answer = Failed(traceback.format_exc())
            with contextlib.suppress(BrokenPipeError):  # the run has ended
                send_message(self.connection, answer, limit=MAX_TRUSTED)

    def answer(self, submission: NotebookSubmission) -> Message:
        """Judge one submission, in as many forks as necessary."""
        assert self.config
        prepared = self.prepared[submission.key]
        deaths: dict[int | None, int] = {}  # by the number of the running test cell
        attempt = Attempt(submission.limits.of_submission)
        while True:
            self.control = living_fork_server(self.control, self.config, self.loaded)
            end = self.fork(submission, prepared, attempt)
            if end.answer is not None:
                return end.answer
            if end.timed_out and end.cell is None:
                return Unreadable("it exceeds the time limit for a submission", timed_out=True)
            if not deaths:  # restore the time lost with the first judge, once
                attempt.left = submission.limits.of_submission
            deaths[end.cell] = deaths.get(end.cell, 0) + 1
            if end.cell is not None and end.timed_out:
                attempt.timed_out.add(end.cell)
            elif deaths[end.cell] < MAX_DEATHS:
                continue
            elif end.cell is None:
                what = f"the judge ended {MAX_DEATHS} times outside this submission's tests"
                return Failed(f"{what} ({end.how})", judge_died=True)
            else:
                what = f"the judge ended {MAX_DEATHS} times in this test of this submission"
                attempt.unjudgeable[end.cell] = f"{what} ({end.how})"

    def fork(
        self, submission: NotebookSubmission, prepared: Prepared, attempt: Attempt
    ) -> _JudgeEnd:
        """Judge in a fork and wait for its end; end the worker if the coordinator has hung up."""
        limits = submission.limits
        has_child = submission.compare or prepared.spec.has_child
        whole = (2 if has_child else 1) * limits.submission_seconds + 60
        ours, other_end = socket.socketpair()
        folder = tempfile.mkdtemp(prefix="judge-", dir=self.folder)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.connection.close()
            self._be_judge(submission, prepared, attempt, folder, other_end)
        other_end.close()
        answer: Message | None = None
        timed_out = abandoned = False
        number: int | None = None  # number of the running test cell
        watch = Watch(lambda: _processes.own_seconds(pid))
        watch.begin(whole)
        try:
            while answer is None:
                abandoned = not self._wait(ours, watch)
                if abandoned:
                    break
                expected = (RunningTest, TimeLeft, Graded, Unreadable, Refused)
                message = receive_message(ours, *expected, limit=MAX_CONFINED)
                watch.hear()
                if isinstance(message, RunningTest):
                    number = message.cell
                    watch.begin(whole if number is None else limits.test_seconds + JUDGE_GRACE)
                elif isinstance(message, TimeLeft):
                    attempt.left = message
                    if watch.hangs():  # it may compute in between, for callbacks
                        raise TimeoutError
                else:
                    answer = message
        except TimeoutError:
            timed_out = True
        except (EOFError, OSError, WireError):  # the exit status says more
            pass
        os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        ours.close()
        shutil.rmtree(folder, ignore_errors=True)
        if abandoned:
            os._exit(1)
        return _JudgeEnd(answer, number, timed_out, status)

    def _wait(self, ours: socket.socket, watch: Watch) -> bool:
        """Wait for data from the judge; return False if the coordinator has hung up.

        Raises
        ------
        TimeoutError
            If the judge hangs.
        """
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        poll.register(self.connection, select.POLLHUP)
        while not (ready := dict(poll.poll(CHECK * 1000))):
            if watch.hangs():
                raise TimeoutError
        return self.connection.fileno() not in ready

    def _be_judge(
        self,
        submission: NotebookSubmission,
        prepared: Prepared,
        attempt: Attempt,
        folder: str,
        connection: socket.socket,
    ) -> NoReturn:
        """Judge in the forked process; never returns."""
        status = 1
        try:
            assert self.config
            linux.die_with_parent()
            linux.set_process_name("nbj-judge")
            use_default_signals()
            limit_memory(self.config.judge_memory)
            shutil.copytree(prepared.folder, folder, dirs_exist_ok=True)
            os.chdir(folder)
            sys.path.insert(0, folder)
            os.environ["TMPDIR"], tempfile.tempdir = folder, None  # drop the cached path
            system = [*environment_folders(), *devices(), "/proc", "/sys", "/etc/passwd"]
            hidden = self.config.sandbox.hidden
            readable = [*system, prepared.folder, *prepared.readable]
            confine(hidden, readable, [folder, "/dev/null", "/dev/shm"])

            def announce(number: int | None) -> None:
                send_message(connection, RunningTest(number))

            attempt.report = lambda left: send_message(connection, left)
            client = ForkServerClient(self.control, self.config.sandbox)
            answer: Message
            try:
                answer = judge_notebook(submission, prepared, attempt, self.shell, client, announce)
            except UnreadableNotebookError as error:
                answer = Unreadable(str(error))
            except IsolationError as error:
                answer = Refused(str(error))
            send_message(connection, answer, limit=MAX_CONFINED)
            status = 0
        except ForkServerGoneError:
            pass  # the worker starts another fork server
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
