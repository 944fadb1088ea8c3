"""Describe grading runs in the words of the commands."""

import datetime
from typing import TYPE_CHECKING

from nbjudge.cli.console import count_of
from nbjudge.errors import KEPT

if TYPE_CHECKING:
    from nbjudge.course.run_records import RunRecord


def describe(run: "RunRecord", zone: datetime.tzinfo) -> str:
    """Describe the machine and progress of an active run, or how the run ended."""
    from nbjudge.course.dates import duration_text, time_text
    from nbjudge.course.outcome import listed, printable

    workers = count_of(run.workers, "worker")
    machine = f"on {printable(run.machine)}, process {run.process}, with {workers}"
    began = f"{'since' if run.is_alive else 'started'} {time_text(run.began, zone)}"
    about = f"{listed(run.progress)}, {began} {machine}"
    progress = f"{run.done} of {count_of(run.total, 'submission')}"
    if run.is_alive:
        text = f"Running: {about}: {progress}"
        if run.rate:
            text += f", {run.rate:.1f} per second"
        left = run.seconds_left
        if left is not None:
            end = time_text(run.beat + datetime.timedelta(seconds=left), zone)
            text += f", done in about {duration_text(left)} ({end})"
        return f"{text}."
    took = duration_text((run.beat - run.began).total_seconds())
    if run.was_interrupted:
        return f"Interrupted: {about}: {progress} in {took}. {KEPT}"
    return f"Ended: {about}: {progress} in {took}."
