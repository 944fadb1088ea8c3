"""`nbjudge review`: grade the answers of an assignment by hand."""

import argparse
import asyncio
import contextlib
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.cli.console import (
    OK,
    Commands,
    as_name,
    console,
    count_of,
    exit_statuses,
    load,
    report,
)

if TYPE_CHECKING:
    from nbjudge.review.server import Review

REDIRECT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>nbjudge review</title>
<meta http-equiv="refresh" content="0; url={0}"></head>
<body><a href="{0}">Open the nbjudge review page</a></body></html>
"""


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    review = commands.add_parser(
        "review",
        help="grade answers by hand in a web page on this machine",
        description="Open a page that shows the answers one at a time, without names. Points and "
        "comments are saved to the gradebook immediately. Ctrl-C ends the command.",
        epilog=exit_statuses("ended by Ctrl-C or SIGTERM, or no answer is waiting"),
    )
    review.set_defaults(run=run)
    review.add_argument("assignment", type=as_name, help="name of the folder below source/")
    review.add_argument("--all", action="store_true", help="include answers that are graded")
    review.add_argument("--names", action="store_true", help="show the students' names")
    review.add_argument("--port", type=_port, default=0, help="port to listen on [any free port]")
    review.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="print the address without opening a browser",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**16:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment
    from nbjudge.review.answers import Answers
    from nbjudge.review.server import Review

    assignment = Assignment(options.assignment, coursedir, settings)
    try:
        answers = Answers(assignment, everything=options.all)
        if answers.missing:
            console.print(
                f"{count_of(answers.missing, 'answer')} left out: the graded notebook is missing "
                f"or unreadable. Run `nbjudge autograde {assignment.name}` first.",
                markup=False,
            )
        if not answers.order:
            report.print(answers.nothing, markup=False)
            return OK
        review = Review(answers, names=options.names)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(review, options.port, options.browser))
        _summary(review)
        return OK
    finally:
        assignment.close()


async def _serve(review: "Review", port: int, browser: bool) -> None:
    """Serve until Ctrl-C."""
    from nbjudge.review.server import start

    server, address = start(review, port)
    waiting = len(review.answers.waiting())
    report.print(f"{count_of(waiting, 'answer')} waiting. Open {address}", markup=False)
    report.print("Press Ctrl-C to end the review. Saved grades are in the gradebook.", markup=False)
    with _redirect(address) as page:
        if browser:
            # Not the address itself: other users of this machine can read a program's arguments.
            threading.Thread(target=webbrowser.open, args=[page.as_uri()], daemon=True).start()
        try:
            await asyncio.Event().wait()
        finally:
            server.stop()


@contextlib.contextmanager
def _redirect(address: str) -> Iterator[Path]:
    """Create a page that only this user can read and that redirects to an address."""
    with tempfile.TemporaryDirectory(prefix="nbjudge-review-") as folder:
        page = Path(folder, "review.html")
        page.write_text(REDIRECT.format(address), encoding="utf-8")
        yield page


def _summary(review: "Review") -> None:
    name = review.answers.assignment.name
    graded, waiting = len(review.graded), len(review.answers.waiting())
    report.print(f"\n{name}: graded {count_of(graded, 'answer')}, {waiting} still waiting.")
    if graded:
        report.print(
            f"Next: run `nbjudge autograde {name} --feedback` to update late penalties and "
            "feedback pages.",
            markup=False,
        )
