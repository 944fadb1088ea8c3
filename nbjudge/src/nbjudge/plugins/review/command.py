"""`nbjudge review`: grade the answers of an assignment by hand."""

import argparse
import asyncio
import contextlib
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nbjudge.cli.console import (
    OK,
    Commands,
    as_name,
    console,
    count_of,
    exit_statuses,
    load,
    report,
    warn,
)
from nbjudge.plugins.review.graders import (
    LIFETIME,
    key_file,
    parse_graders,
    read_key,
    tokens_of,
)

if TYPE_CHECKING:
    from nbjudge.plugins.review.operations import Review

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
    review.add_argument(
        "--graders",
        type=_graders,
        default=(),
        metavar="NAME,NAME,...",
        help="print a personal link for each grader; no answer is open in two pages",
    )
    review.add_argument(
        "--export",
        type=Path,
        metavar="FILE.csv",
        help="write who graded what and when to a file, and end",
    )
    review.add_argument("--port", type=_port, default=0, help="port to listen on [any free port]")
    review.add_argument(
        "--url",
        type=_url,
        help="https address at which a proxy forwards requests to the port",
    )
    review.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="print the address without opening a browser",
    )


def _check(options: argparse.Namespace) -> None:
    """Raise ValueError if options contradict each other."""
    if options.graders and options.all:
        raise ValueError(
            "--all shows everyone's grades, so it is only for a review by one person: omit "
            "--graders, or --all"
        )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**16:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, not {text!r}")
    return int(text)


def _graders(text: str) -> tuple[str, ...]:
    try:
        return parse_graders(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(
            f"expected an address such as https://grading.example.org/, not {text!r}"
        )
    return text


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    _check(options)
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.outcome import printable
    from nbjudge.plugins.review.answers import Answers
    from nbjudge.plugins.review.export import write_log
    from nbjudge.plugins.review.operations import Review

    assignment = Assignment(options.assignment, coursedir, settings)
    answers = None
    try:
        if options.export:
            rows = write_log(assignment, options.export)
            console.print(f"Wrote {options.export}: {count_of(rows, 'grade')}.", markup=False)
            return OK
        # Graders return to their own grades; `Review.lists` hides those of others.
        answers = Answers(assignment, everything=options.all or bool(options.graders))
        if answers.missing:
            console.print(
                f"{count_of(answers.missing, 'answer')} left out: the graded notebook is missing "
                f"or unreadable. Run `nbjudge autograde {quote(assignment.name)}` first.",
                markup=False,
            )
        graders = options.graders
        review = Review(answers, options.names, graders)
        for problem in review.problems():
            warn(printable(problem))
        if not review.has_work() and (graders or not answers.order):
            report.print(answers.nothing or answers.nothing_waiting(), markup=False)
            return OK
        tokens = None
        if options.graders:
            file = key_file(Path(coursedir.root), assignment.records.id)
            tokens = tokens_of(options.graders, read_key(file))
            report.print(_explain_links(file), markup=False)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(review, options, tokens))
        _summary(review)
        return OK
    finally:
        if answers:
            answers.close()
        assignment.close()


def _explain_links(file: Path) -> str:
    return (
        "Each grader has a personal link, which is like a password: whoever has it can grade. "
        f"The links work while this command runs, for {LIFETIME} days. To make them invalid "
        f"earlier, delete {file} and start again."
    )


async def _serve(
    review: "Review", options: argparse.Namespace, tokens: Mapping[str, str] | None
) -> None:
    """Serve until Ctrl-C."""
    from nbjudge.plugins.review.server import start

    server, addresses = start(review, tokens, options.port, options.url or "")
    count = count_of(len(review.answers.waiting()), "answer")
    if tokens:
        links = [f"  {grader}: {address}" for grader, address in addresses.items()]
        report.print("\n".join([f"{count} waiting. Links:", *links]), markup=False)
    else:
        report.print(f"{count} waiting. Open {addresses['']}", markup=False)
    report.print("Press Ctrl-C to end the review. Saved grades are in the gradebook.", markup=False)
    try:
        with _redirect("" if tokens else addresses[""]) as page:
            if options.browser and not tokens:
                # Not the address itself: other users of this machine can read a program's
                # arguments.
                uri = page.as_uri()
                threading.Thread(target=webbrowser.open, args=[uri], daemon=True).start()
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
            f"Next: run `nbjudge autograde {quote(name)} --feedback` to update the feedback pages.",
            markup=False,
        )
