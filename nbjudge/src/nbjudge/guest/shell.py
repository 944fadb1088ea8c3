"""Run notebook cells as Jupyter does, without a kernel: an IPython shell that collects outputs."""

import ast
import base64
import builtins
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from typing import Any, NoReturn, TypeVar

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from nbjudge.guest.causes import NO_INPUT
from nbjudge.guest.missing_modules import drop_unused_imports
from nbjudge.guest.outputs import Outputs
from nbjudge.guest.tracebacks import drop_our_frames, without_folders
from nbjudge.wire.outputs import NOT_DRAWN, Output
from nbjudge.wire.requests import DroppedImport

S = TypeVar("S", bound="Shell")


class _Stream(io.TextIOBase):
    """Standard output or standard error, as a cell sees it."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, outputs: Outputs, name: str, descriptor: int):
        self._outputs, self.name, self._descriptor = outputs, f"<{name}>", descriptor
        self._stream = name

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        # Warnings and printed tracebacks contain paths; text that students print is not changed.
        printed = without_folders(text) if self._stream == "stderr" else text
        self._outputs.write(self._stream, printed)
        return len(text)


def _mime_bundle(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Return display data in notebook format, with bytes as base64, and its size in characters."""
    bundle = {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }
    return bundle, sum(map(_size, bundle.values()))


def _size(value: object) -> int:
    try:
        return len(value) if isinstance(value, str) else len(json.dumps(value))
    except (TypeError, ValueError):
        return 100  # no valid content, dropped later


class _Publisher(DisplayPublisher):
    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: object = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **kwargs: object,
    ) -> None:
        bundle, size = _mime_bundle(data)
        display_id = (transient or {}).get("display_id")
        item: Output = {"output_type": "display_data", "data": bundle, "metadata": metadata or {}}
        if display_id:
            item["display_id"] = display_id
        if update:
            self.shell.outputs.replace(display_id, item, size)
        else:
            self.shell.outputs.add(item, size)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear_soon(wait)


class _Hook(DisplayHook):
    shell: "Shell"

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        bundle, size = _mime_bundle(format_dict)
        self.shell.outputs.add(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": bundle,
                "metadata": md_dict or {},
            },
            size,
        )

    def finish_displayhook(self) -> None:
        pass


class _Formatter(DisplayFormatter):
    """Formatter that marks figures instead of drawing them while the shell's `draw` is False."""

    parent: "Shell"

    def format(
        self,
        obj: object,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.parent.draw or not _is_plain_figure(obj):
            drawn: tuple[dict[str, Any], dict[str, Any]] = super().format(obj, include, exclude)
            return drawn
        return {"text/plain": self.formatters["text/plain"](obj), NOT_DRAWN: ""}, {}


def _is_plain_figure(obj: Any) -> bool:
    """True if drawing an object only makes an image: no code waits for a draw event."""
    matplotlib = sys.modules.get("matplotlib.figure")
    if matplotlib is None or type(obj) is not matplotlib.Figure:
        return False
    return not obj.canvas.callbacks.callbacks.get("draw_event")  # starts an animation


_FIGURE = """
import matplotlib.pyplot as plt
plt.plot([0, 1])
plt.show()
"""


class Shell(InteractiveShell):
    """An IPython shell whose outputs are collected in `outputs`.

    Attributes
    ----------
    first_cells
        Cells to run once at startup, so that their code is loaded in all forks.
    draw
        True to draw figures that are shown.
    shows_our_frames
        True to keep nbjudge's frames in tracebacks.
    dropped
        Imports dropped from the running cell; None to keep all imports.
    last_error
        Exception of the last cell, if it failed.
    pid
        Process id of the session. A process that student code forks exits instead of showing an
        exception: a hundred processes that format tracebacks would slow down the session.
    """

    first_cells: tuple[str, ...] = ("1 + 1", "1 / 0", "%matplotlib inline", _FIGURE)
    draw = True
    shows_our_frames = False
    dropped: list[DroppedImport] | None = None
    last_error: BaseException | None = None
    pid: int | None = None
    outputs: Outputs
    streams: tuple[_Stream, _Stream]  # standard output and standard error
    descriptors: dict[str, int]  # temporary files that replace descriptors 1 and 2
    configurables: list[Any]

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def init_display_formatter(self) -> None:
        self.display_formatter = _Formatter(parent=self)
        self.configurables.append(self.display_formatter)

    def enable_gui(self, gui: object = None) -> None:
        pass

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Do nothing: IPython's method would keep an unlimited second copy of printed text."""
        yield

    def transform_ast(self, node: ast.AST) -> ast.AST:
        """Drop unused imports of missing modules, if enabled, before IPython's transformations."""
        if self.dropped is not None and isinstance(node, ast.Module):
            self.dropped += drop_unused_imports(node)
        transformed: ast.AST = super().transform_ast(node)
        return transformed

    def ask_exit(self) -> None:
        """Ignore `exit`. In Jupyter it ends the kernel; here the following cells still run."""

    def _get_exc_info(self, exc_tuple: Any = None) -> tuple[Any, Any, Any]:
        """Return the exception that IPython will show, without nbjudge's frames."""
        etype, value, traceback = super()._get_exc_info(exc_tuple)
        if not self.shows_our_frames and traceback is not None:
            traceback = drop_our_frames(value)
        return etype, value, traceback

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        if self.pid not in (None, os.getpid()):
            os._exit(1)
        super().showtraceback(*args, **kwargs)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        lines = [without_folders(str(line)[:20_000]) for line in stb[:200]]
        name = getattr(etype, "__name__", str(etype))
        item: Output = {"output_type": "error", "ename": name, "traceback": lines}
        try:
            item["evalue"] = without_folders(str(evalue)[:5000])
        except Exception:
            item["evalue"] = f"<{name} that cannot be shown>"
        self.outputs.add(item, sum(map(len, lines)))

    def system_piped(self, cmd: str) -> None:
        """Run a shell command, `!command`, and print its output."""
        command = self.var_expand(cmd, depth=1)
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout is not None
        for line in process.stdout:
            print(line.decode(errors="replace"), end="")
        self.user_ns["_exit_code"] = process.wait()

    system = system_piped

    def run(self, source: str) -> tuple[bool, list[Output]]:
        """Run one cell; return True if it succeeded, and its outputs."""
        self.outputs.clear()
        with self.redirected():
            result = self.run_cell(source, store_history=True)
        self.last_error = result.error_before_exec or result.error_in_exec
        return bool(result.success), self.take_outputs()

    @contextlib.contextmanager
    def redirected(self) -> Iterator[None]:
        """Collect printed text while the block runs."""
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.streams
        try:
            yield
        finally:
            sys.stdout, sys.stderr = streams

    def take_outputs(self) -> list[Output]:
        """Return the outputs since the last clear, including those of C code and subprocesses."""
        for name, descriptor in self.descriptors.items():
            self.outputs.write(name, _drain(descriptor, self.outputs.limit))
        return self.outputs.collect()

    def capture_descriptors(self) -> None:
        """Also collect text written to file descriptors 1 and 2."""
        for number, name in ((1, "stdout"), (2, "stderr")):
            file, self.descriptors[name] = tempfile.mkstemp()[::-1]
            os.unlink(file)
            os.dup2(self.descriptors[name], number)


def _drain(descriptor: int, limit: int) -> str:
    size = os.fstat(descriptor).st_size
    if not size:
        return ""
    text = os.pread(descriptor, limit, 0).decode(errors="replace")
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return text + (f"\n[{size - limit:,} more bytes were cut]\n" if size > limit else "")


def make_shell(output_size: int, kind: type[S]) -> S:
    """Return a shell that is ready to run cells and has run its `first_cells`.

    Parameters
    ----------
    output_size
        Maximum number of characters of one cell's outputs.
    kind
        Class of the shell.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.autoindent = False
    shell = kind.instance(config=config)
    shell.outputs, shell.descriptors = Outputs(output_size), {}
    shell.streams = _Stream(shell.outputs, "stdout", 1), _Stream(shell.outputs, "stderr", 2)
    builtins.input = _no_input
    for source in shell.first_cells:
        shell.run(source)
    shell.reset(new_session=False)
    shell.user_ns.update(__spec__=None, __loader__=None, __package__=None)  # as in a kernel
    shell.execution_count = 1
    shell.outputs.clear()
    return shell


def _no_input(prompt: object = "") -> NoReturn:
    raise EOFError(NO_INPUT)
