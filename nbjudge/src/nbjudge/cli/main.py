"""The command line."""

import argparse
import gc
import importlib
from collections.abc import Sequence

from nbjudge import __version__
from nbjudge.cli.commands import COMMANDS
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

RESUMED = "autograde", "feedback"  # whose work goes on where they were interrupted


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, with all commands."""
    parser = argparse.ArgumentParser(
        prog="nbjudge",
        description="Judge the submissions of an nbgrader course: student code runs in a sandbox, "
        "tests run outside it, many submissions at a time.",
        epilog="Run it in the folder of the course, where nbgrader_config.py is.",
    )
    parser.add_argument("--version", action="version", version=f"nbjudge {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        importlib.import_module(module).add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = make_parser().parse_args(arguments)
    try:
        with raising_terminated():
            status: int = options.run(options)
            return status
    except IsolationError as error:
        console.print(str(error).strip().splitlines()[-1], markup=False, style="red")
        console.print(REMEDY, markup=False)
        return NOT_GRADED
    except (ClusterError, GradebookError) as error:
        console.print(str(error), markup=False, style="red")
        return NOT_GRADED
    except (LookupError, ValueError) as error:
        console.print(str(error), markup=False, style="red")
        return USAGE
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError  # which takes long to load

        from nbjudge.course.database import database_message

        if not isinstance(error, SQLAlchemyError):
            raise
        text = f"The gradebook cannot be used: {database_message(error)}."
        console.print(text, markup=False, style="red")
        return NOT_GRADED if options.command in RESUMED else USAGE
    except KeyboardInterrupt as end:
        console.print(f"Stopped. {KEPT}" if options.command in RESUMED else "Stopped.")
        return TERMINATED if isinstance(end, Terminated) else INTERRUPTED
    finally:
        gc.freeze()  # what is alive need not be searched once more when the process ends
