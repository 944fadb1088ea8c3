"""`nbjudge feedback`: write the feedback pages of graded submissions."""

import argparse
import logging
import os
import time

from nbjudge.cli.console import (
    Commands,
    Terminal,
    add_assignments,
    as_number,
    choose_students,
    count_of,
    exit_statuses,
    load,
    print_remarks,
)
from nbjudge.engine.engine import Engine


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    pages = commands.add_parser(
        "feedback",
        help="write the feedback pages of graded submissions",
        description="Write the pages in feedback/ whose points, comments or graded notebooks have "
        "changed, like `nbgrader generate_feedback`. `nbgrader release_feedback` releases them.",
        epilog=exit_statuses("every page is up to date", "a page could not be written"),
    )
    pages.set_defaults(run=run)
    add_assignments(pages)
    pages.add_argument(
        "--student", action="append", default=[], help="only this student's page (repeatable)"
    )
    pages.add_argument(
        "--workers", type=as_number, help="pages written in parallel [all processors]"
    )
    pages.add_argument("--force", action="store_true", help="rewrite unchanged pages as well")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    start = time.monotonic()
    with Engine() as engine:
        return _write(options, engine, start)


def _write(options: argparse.Namespace, engine: Engine, start: float) -> int:
    engine.box.warm_up()
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.folders import list_class
    from nbjudge.course.grading import write_feedback
    from nbjudge.course.outcome import listed
    from nbjudge.course.presenter import Presenter

    workers = settings.count_workers(options.workers)
    assignments = [Assignment(name, coursedir, settings) for name in options.assignment]
    work = {
        assignment: choose_students(assignment, assignment.graded_students(), options.student)
        for assignment in assignments
    }
    presenter, total = Presenter(Terminal()), 0
    written = write_feedback(engine, work, workers, options.force)
    totals = {assignment.name: len(students) for assignment, students in work.items()}
    for assignment, student, problem in presenter.sink.track(written, totals, lambda w: w[0].name):
        total += not problem
        if problem:
            presenter.say(f"{assignment.name} of {student}: {problem}", logging.ERROR)
    for assignment, students in work.items() if not options.student else ():
        pages = list_class(coursedir, coursedir.feedback_directory, assignment.name).present
        recorded = assignment.records.submission_points()
        if stale := set(pages) - set(students) - set(recorded):
            folder = assignment.path(coursedir.feedback_directory, "STUDENT")
            print_remarks(
                [
                    f"{assignment.name}: there is old feedback for {listed(stale)}, but no "
                    "submission in the gradebook. Remove "
                    f"{os.path.relpath(folder, coursedir.root)} before you release feedback"
                ]
            )
    seconds = time.monotonic() - start
    presenter.say(
        f"The feedback of {count_of(total, 'submission')} is up to date; {seconds:.1f} s."
    )
    return presenter.status
