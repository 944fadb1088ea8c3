"""Run nbjudge's command line in this process, to avoid importing nbgrader again."""

import contextlib
import io
from dataclasses import dataclass

from nbjudge import plugins
from nbjudge.cli import console, main

__all__ = ["CommandResult", "available", "command_of"]


@dataclass(frozen=True)
class CommandResult:
    """The exit status, stdout and stderr of a command."""

    status: int
    stdout: str
    stderr: str


def command_of(course, monkeypatch):
    """Return a function that runs a command in a course, or in another folder."""

    def run(*arguments, cwd=course.root):
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(console.console, "_file", err)  # its property `file` has a default
        with course.here(), contextlib.chdir(cwd), contextlib.redirect_stdout(out):
            try:
                with contextlib.redirect_stderr(err):
                    status = main.main([*map(str, arguments)])
            except SystemExit as end:
                status = end.code
        return CommandResult(status, out.getvalue(), err.getvalue())

    return run


def available(*commands):
    """Return the commands whose plug-ins are there: the core is tested without them."""
    return [command for command in commands if command[0] in plugins.find("nbjudge.commands")]
