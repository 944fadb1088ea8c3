"""What a run of grading tells the logger "nbjudge": its beginning, each submission, its end."""

import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType

from nbjudge import __version__
from nbjudge.course.outcome import GradingOutcome
from nbjudge.course.run_records import DONE
from nbjudge.log import event

__all__ = ["LoggedRun"]


class LoggedRun:
    """Logs a run while it is entered.

    Parameters
    ----------
    totals
        How many submissions there are, by assignment.
    isolation
        The level that is used.
    again
        Whether also what has not changed is graded.
    """

    def __init__(
        self, run: str, workers: int, totals: Mapping[str, int], isolation: str, again: bool
    ):
        self.run, self.workers, self.totals = run, workers, dict(totals)
        self.isolation, self.again = isolation, again
        self.start, self.statuses = time.monotonic(), Counter[str]()

    def __enter__(self) -> "LoggedRun":
        event(
            "start",
            run=self.run,
            submissions=self.totals,
            workers=self.workers,
            isolation=self.isolation,
            force=self.again,
            machine=socket.gethostname(),
            process=os.getpid(),
            version=__version__,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        event(
            "end",
            logging.INFO if kind is None else logging.WARNING,
            run=self.run,
            ended=kind.__name__ if kind else DONE,
            seconds=round(time.monotonic() - self.start, 3),
            **{status: self.statuses[status] for status in ("graded", "unchanged", "failed")},
        )

    def count(self, assignment: str, outcome: GradingOutcome) -> None:
        """Log what became of a submission; why it failed stays in the gradebook."""
        self.statuses[outcome.status] += 1
        has_failed = outcome.status == "failed"
        event(
            "submission",
            logging.WARNING if has_failed else logging.INFO,
            run=self.run,
            assignment=assignment,
            student=outcome.student,
            status=outcome.status,
            seconds=round(outcome.seconds, 3),
            machine=outcome.judgment.machine or None,
            worker=outcome.judgment.worker or None,
            error=outcome.error or None,
            page="failed" if outcome.feedback else None,
            see=f"nbjudge status {assignment}" if has_failed else None,
        )
