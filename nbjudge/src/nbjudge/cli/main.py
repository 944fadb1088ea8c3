"""The command-line parser and the entry point of all commands."""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence

from nbjudge import __version__, plugins
from nbjudge.cli.console import (
    INTERRUPTED,
    NOT_GRADED,
    TERMINATED,
    USAGE,
    Terminated,
    console,
    raising_terminated,
)
from nbjudge.errors import KEPT, REMEDY, ClusterError, GradebookError, IsolationError

GROUP = "nbjudge.commands"
RESUMED = "autograde", "feedback"  # commands that resume their work after an interruption


def make_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the command-line parser with one command, or with all if there is no such command."""
    parser = argparse.ArgumentParser(
        prog="nbjudge",
        description="Grade the submissions of an nbgrader course in parallel: student code runs in "
        "a sandbox, tests run outside it.",
        epilog="Run the commands in the folder of the course, which holds nbgrader_config.py.",
    )
    parser.add_argument("--version", action="version", version=f"nbjudge {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    try:
        modules = {command: plugins.load(GROUP, command)}
    except LookupError:
        modules = plugins.load_all(GROUP)
    for name, module in modules.items():
        there = set(commands.choices)
        with plugins.naming(GROUP, name):
            module.add_parser(commands)
        for added in commands.choices.keys() - there:
            commands.choices[added].set_defaults(plugin=name)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = make_parser(*arguments[:1]).parse_args(arguments)
    except ValueError as error:  # a plug-in is broken
        console.print(str(error), markup=False, style="red")
        return USAGE
    kept = KEPT if options.command in RESUMED else ""
    try:
        return run_command(lambda: _run(options), kept)
    finally:
        gc.freeze()  # skip the garbage collection of live objects at exit


def _run(options: argparse.Namespace) -> int:
    """Run the command of a plug-in, and return its exit status."""
    with plugins.naming(GROUP, options.plugin, (LookupError, ValueError)):
        if not callable(getattr(options, "run", None)):
            raise TypeError("add_parser must call set_defaults(run=run), where run is a function")
        status: object = options.run(options)
        if type(status) is not int:
            raise TypeError(f"run must return the exit status, an int, not {status!r:.60}")
    return status


def run_command(run: Callable[[], int], kept: str = "", remedy: str = REMEDY) -> int:
    """Run a command, show the error or signal that ends it, and return the exit status.

    Parameters
    ----------
    kept
        Sentence about the work that an interrupted command has done; "" if it has to start over.
    remedy
        Sentence about what to do if student code cannot be sandboxed.

    Examples
    --------
    >>> import nbjudge
    >>> def read_dates():
    ...     raise ValueError("dates.toml: 2026-13-01 is not a date.")
    >>> nbjudge.run_command(read_dates)
    2
    """
    try:
        with raising_terminated():
            return run()
    except IsolationError as error:
        console.print(str(error).strip().splitlines()[-1], markup=False, style="red")
        console.print(remedy, markup=False)
        return NOT_GRADED
    except (ClusterError, GradebookError) as error:
        console.print(str(error), markup=False, style="red")
        return NOT_GRADED
    except (LookupError, ValueError) as error:
        console.print(str(error), markup=False, style="red")
        return USAGE
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError  # slow to import

        from nbjudge.course.database import database_message

        if not isinstance(error, SQLAlchemyError):
            raise
        text = f"The gradebook cannot be used: {database_message(error)}."
        console.print(text, markup=False, style="red")
        return NOT_GRADED if kept else USAGE
    except KeyboardInterrupt as end:
        console.print(f"Stopped. {kept}".rstrip(), markup=False)
        return TERMINATED if isinstance(end, Terminated) else INTERRUPTED
