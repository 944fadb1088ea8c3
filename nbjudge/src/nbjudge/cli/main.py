"""The command line: autograde, status, review, feedback, students, export, report, check, dates,
copy-gradebook, doctor.
"""

import argparse
import gc
from collections.abc import Sequence

from nbjudge import __version__
from nbjudge.cli import (
    autograde,
    check,
    copy_gradebook,
    dates,
    doctor,
    export,
    feedback,
    report,
    review,
    status,
    students,
)
from nbjudge.cli.console import (
    INTERRUPTED,
    NOT_GRADED,
    TERMINATED,
    USAGE,
    Terminated,
    console,
    exit_statuses,
    raising_terminated,
)
from nbjudge.errors import KEPT, REMEDY, ClusterError, GradebookError, IsolationError
from nbjudge.sandbox.levels import CHOICES

COMMANDS = {
    "autograde": autograde.run,
    "status": status.run,
    "review": review.run,
    "feedback": feedback.run,
    "export": export.run,
    "report": report.run,
    "check": check.run,
    "students": students.run,
    "dates": dates.run,
    "copy-gradebook": copy_gradebook.run,
    "doctor": doctor.run,
}
RESUMED = "autograde", "feedback"  # whose work goes on where they were interrupted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nbjudge",
        description="Judge the submissions of an nbgrader course: student code runs in a sandbox, "
        "tests run outside it, many submissions at a time.",
        epilog="Run it in the folder of the course, where nbgrader_config.py is.",
    )
    parser.add_argument("--version", action="version", version=f"nbjudge {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    auto = commands.add_parser(
        "autograde",
        help="grade the submissions of assignments",
        description="Grade what lies in submitted/, write autograded/ and the gradebook. What has "
        "not changed since it was graded is left alone; an interrupted run is resumed by running "
        "it again.",
    )
    auto.add_argument(
        "assignment", nargs="+", type=_name, help="its name, the folder below source/"
    )
    auto.add_argument("--student", action="append", default=[], help="only this student (repeat)")
    auto.add_argument("--workers", type=_positive, help="submissions at a time [all processors]")
    auto.add_argument("--isolation", choices=CHOICES, help="another level than the configured one")
    auto.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="judge on the workers of the Dask scheduler there, as tcp://HOST:8786",
    )
    auto.add_argument("--feedback", action="store_true", help="write the feedback pages as well")
    auto.add_argument("--force", action="store_true", help="also what has not changed")
    auto.add_argument(
        "--seed", type=_seed, help="repeat a grading: metadata.nbjudge.seed of the graded notebook"
    )
    auto.add_argument("--json", action="store_true", help="print the outcome as JSON to stdout")
    auto.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be done and how long it takes, and do nothing",
    )
    auto.add_argument(
        "--log",
        metavar="FILE",
        help="append a line of JSON for each submission, with ids and without students' work",
    )
    status.add_parser(commands)
    by_hand = commands.add_parser(
        "review",
        help="grade the answers that wait for a person, in a page on this machine",
        description="Open a page that shows one answer after another, without names. Points and "
        "comments are saved in the gradebook at once. Ctrl-C ends the command.",
    )
    by_hand.add_argument("assignment", type=_name, help="its name, the folder below source/")
    by_hand.add_argument("--all", action="store_true", help="also answers that are graded")
    by_hand.add_argument("--names", action="store_true", help="show the students' names")
    by_hand.add_argument(
        "--port", type=_port, default=0, help="of the page's address [one that is free]"
    )
    by_hand.add_argument(
        "--no-browser", dest="browser", action="store_false", help="print the address only"
    )
    pages = commands.add_parser(
        "feedback",
        help="write the feedback pages of what is graded",
        description="Write the pages of feedback/ whose points, comments or graded notebooks have "
        "changed, as `nbgrader generate_feedback` does. `nbgrader release_feedback` releases them.",
    )
    pages.add_argument(
        "assignment", nargs="+", type=_name, help="its name, the folder below source/"
    )
    pages.add_argument("--student", action="append", default=[], help="only this student (repeat)")
    pages.add_argument("--workers", type=_positive, help="pages at a time [all processors]")
    pages.add_argument("--force", action="store_true", help="also what has not changed")
    export.add_parser(commands)
    report.add_parser(commands)
    students.add_parser(commands)
    look = commands.add_parser(
        "check",
        help="see whether nbjudge can judge an assignment",
        description="Judge the instructor's own solution, which must earn all points, and what "
        "students get, which must earn none. Nothing is written.",
    )
    look.add_argument(
        "assignment", nargs="+", type=_name, help="its name, the folder below source/"
    )
    look.add_argument("--isolation", choices=CHOICES, help="another level than the configured one")
    commands.add_parser(
        "dates",
        help="show when assignments are due, and extensions",
        description="Write the due dates and extensions of dates.toml into the gradebook, as "
        "grading does, and show all that the gradebook has. No grade is changed: "
        "`nbjudge autograde` does that.",
    )
    copy_gradebook.add_parser(commands)
    commands.add_parser(
        "doctor",
        help="say which levels of isolation this machine offers",
        description="Try every level of isolation, and say why one cannot be had.",
    )
    for name, command in commands.choices.items():
        command.epilog = exit_statuses(name)
    return parser


def _name(text: str) -> str:
    return text.rstrip("/")  # which a shell adds


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 on, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**16:
        raise argparse.ArgumentTypeError(f"a number from 0 to 65535, not {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a number from 0 to 4294967295, not {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        with raising_terminated():
            return COMMANDS[options.command](options)
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

        from nbjudge.course.database import said_by

        if not isinstance(error, SQLAlchemyError):
            raise
        text = f"The gradebook cannot be used: {said_by(error)}."
        console.print(text, markup=False, style="red")
        return NOT_GRADED if options.command in RESUMED else USAGE
    except KeyboardInterrupt as end:
        console.print(f"Stopped. {KEPT}" if options.command in RESUMED else "Stopped.")
        return TERMINATED if isinstance(end, Terminated) else INTERRUPTED
    finally:
        gc.freeze()  # what is alive need not be searched once more when the process ends
