"""`nbjudge feedback`: write the feedback pages of what is graded."""

import argparse
import os
import time

from nbjudge.cli.console import (
    NOT_GRADED,
    OK,
    choose_students,
    console,
    count_of,
    load,
    progress_bar,
)
from nbjudge.engine.engine import Engine


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    start = time.monotonic()
    with Engine() as engine:
        return _write(options, engine, start)


def _write(options: argparse.Namespace, engine: Engine, start: float) -> int:
    engine.warm_up()
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.grading import write_feedback
    from nbjudge.course.outcome import printable

    workers = options.workers or settings.workers or os.cpu_count() or 1
    assignments = [Assignment(name, coursedir, settings) for name in options.assignment]
    work = {
        assignment: choose_students(assignment, assignment.graded_students(), options.student)
        for assignment in assignments
    }
    problems = {}
    with progress_bar() as progress:
        tasks = {
            assignment: progress.add_task(assignment.name, total=len(who))
            for assignment, who in work.items()
        }
        for assignment, student, problem in write_feedback(engine, work, workers, options.force):
            if problem:
                problems[assignment, student] = problem
                text = f"{printable(f'{assignment.name} of {student}')}: {problem}"
                progress.console.print(text, markup=False, style="red")
            progress.advance(tasks[assignment])
    total = sum(map(len, work.values())) - len(problems)
    seconds = time.monotonic() - start
    console.print(
        f"The feedback of {count_of(total, 'submission')} is up to date; {seconds:.1f} s."
    )
    return NOT_GRADED if problems else OK
