"""An engine that runs everything, student code included, in this process, for tests and debuggers.

A thread runs the student's cells and exchanges frames with the judge as a session does, so the same
data cross. There is no isolation and no memory limit, and code that exits its process exits this
one.
"""

import atexit
import contextlib
import ctypes
import os
import random
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nbjudge.engine.messages import Job, SandboxConfig
from nbjudge.errors import UnreadableNotebookError
from nbjudge.guest.interpreter import Interpreter
from nbjudge.guest.shell import Shell, make_shell
from nbjudge.judging.judge import judge_notebook
from nbjudge.judging.messages import Attempt, Graded, Unreadable
from nbjudge.judging.namespace import JudgeShell
from nbjudge.judging.prepare import prepare
from nbjudge.sandbox.client import SandboxClient, Usage
from nbjudge.wire.outputs import Allowance


class _LocalShell(Shell):
    first_cells = ()


class _LocalJudgeShell(JudgeShell):
    first_cells = ()


class _ThreadClient(SandboxClient):
    """Starts interpreters in threads of this process, without isolation.

    Parameters
    ----------
    output_size
        Maximum number of characters in the outputs of one cell.
    """

    def __init__(self, output_size: int):
        self.output_size = output_size
        self.thread: threading.Thread | None = None
        self.begin = 0.0  # processor time of this process when the interpreter started

    def start(self, number: int, deadline: float) -> socket.socket:
        self.begin = time.process_time()
        ours, other_end = socket.socketpair()
        shell = _new_shell(_LocalShell, self.output_size)
        interpreter = Interpreter(shell, other_end, lambda: _current(shell))
        self.thread = threading.Thread(target=_serve, args=[interpreter], daemon=True)
        self.thread.start()
        return ours

    def interrupt(self) -> None:
        assert self.thread is not None
        thread = ctypes.c_ulong(self.thread.ident or 0)
        interrupt = ctypes.py_object(KeyboardInterrupt)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, interrupt)

    def usage(self) -> Usage:
        return Usage(time.process_time() - self.begin, False)

    def why_it_ended(self) -> str:
        return "The thread that ran this code ended."


def _serve(interpreter: Interpreter) -> None:
    with interpreter.connection, contextlib.suppress(OSError, KeyboardInterrupt):
        interpreter.serve()


class InProcessEngine:
    """Judges one notebook at a time in this process."""

    def __enter__(self) -> "InProcessEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Do nothing: this engine starts no processes."""

    def judge(self, config: SandboxConfig, job: Job) -> Graded | Unreadable:
        """Judge one job; only the output size of the sandbox config has an effect."""
        preparation, submission = job.preparation, job.submission
        with _restored(), tempfile.TemporaryDirectory() as folder:
            for name, content in preparation.files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            os.chdir(folder)
            sys.path.insert(0, folder)
            shell = _new_shell(_LocalJudgeShell, config.output_size)
            client = _ThreadClient(Allowance(config.output_size).each)
            with _current(shell):
                prepared = prepare(preparation.spec, shell)
                prepared.folder, prepared.files = folder, preparation.files
                attempt = Attempt(submission.limits.of_submission)
                try:
                    return judge_notebook(
                        submission, prepared, attempt, shell, client, lambda _: None
                    )
                except UnreadableNotebookError as error:
                    return Unreadable(str(error))


def _new_shell(kind: type[Any], output_size: int) -> Any:
    with _current(None):
        shell = make_shell(output_size, kind)
    atexit.unregister(shell.atexit_operations)  # at exit the submission is long judged
    return shell


@contextlib.contextmanager
def _current(shell: Any) -> Iterator[None]:
    """Make `InteractiveShell.instance()` return this shell while the block runs."""
    kinds = [*_LocalShell._walk_mro(), *_LocalJudgeShell._walk_mro()]
    before = {kind: vars(kind).get("_instance") for kind in kinds}
    for kind in kinds:
        kind._instance = shell
    try:
        yield
    finally:
        for kind, instance in before.items():
            kind._instance = instance


@contextlib.contextmanager
def _restored() -> Iterator[None]:
    """Restore, at the end of the block, what a judge changes in its process."""
    main, path, folder = sys.modules["__main__"], list(sys.path), os.getcwd()
    known, states = set(sys.modules), (random.getstate(), np.random.get_state())
    default_rng, hook = np.random.default_rng, sys.displayhook
    try:
        with warnings.catch_warnings():
            warnings.resetwarnings()  # the test runner may turn warnings into errors
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        sys.modules["__main__"], sys.path[:] = main, path
        os.chdir(folder)
        random.setstate(states[0])
        np.random.set_state(states[1])
        np.random.default_rng, sys.displayhook = default_rng, hook
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(tempfile.gettempdir()):  # a module next to the notebook
                del sys.modules[name]
