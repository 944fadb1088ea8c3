"""A verdict as data: the calls of a function, and the checks that it passes.

A verdict holds no function and can be pickled, so explaining or drawing it runs no student code.
"""

from dataclasses import dataclass
from functools import cached_property

from .calling import CaseRun
from .model import CaseSet, Check, Problem
from .notes import NOTES, Note

__all__ = ["WAITS", "CheckResult", "Verdict"]

WAITS = "waits until {} passes"


@dataclass(frozen=True)
class CheckResult:
    """Result of a check, and the first call that failed it (None if it passed).

    Attributes
    ----------
    undecided
        Reason why a failed check could not be decided; "" if it found a fault.
    """

    check: Check
    passed: bool
    failing: CaseRun | None = None
    undecided: str = ""

    @property
    def waits(self) -> bool:
        """True if the check has found no fault, but waits until a check of values passes."""
        return self.undecided.startswith(WAITS.partition("{")[0])


@dataclass(frozen=True)
class Verdict:
    """The judge's results for one function.

    Attributes
    ----------
    case_set
        Cases, without the outcomes of known mistakes.
    runs
        Calls in order: every case, then the first one again.
    shown
        Failed check to show; None if all passed.
    remark
        Sentence about the circumstances, such as the helpers that were replaced.
    open_question
        Sentences about a limit that left the question to a person; "" if it is decided.
    """

    case_set: CaseSet
    runs: tuple[CaseRun, ...]
    results: tuple[CheckResult, ...]
    shown: CheckResult | None = None
    remark: str = ""
    open_question: str = ""

    @property
    def stop(self) -> Problem | None:
        """Limit that stopped a call; None if there was none."""
        problems = (run.outcome.problem for run in self.runs)
        return next((problem for problem in problems if problem and problem.is_stop), None)

    @property
    def passed(self) -> bool:
        return self.shown is None

    @property
    def refused(self) -> str:
        """Line of code that fails in the installed NumPy but not in the grader's; "" if none."""
        return next((run.refused for run in self.runs if run.refused), "")

    @property
    def runs_here(self) -> bool:
        """True if the function is right and runs in the installed NumPy."""
        return self.passed and not self.refused

    @property
    def points(self) -> float:
        return float(sum(result.check.points for result in self.results if result.passed))

    @property
    def failing(self) -> CaseRun | None:
        """Call to show: the first that failed the check to show."""
        return self.shown.failing if self.shown else None

    @property
    def problem(self) -> Problem | None:
        """Problem of the call to show; None if it returned something to compare."""
        return self.failing.outcome.problem if self.failing else None

    @property
    def is_not_written(self) -> bool:
        """True if the function is still the stub of its notebook."""
        return self.problem is not None and self.problem.is_not_written

    @property
    def waits_for(self) -> str:
        """Name of a function that has not been written yet and that the function calls."""
        return self.problem.waits_for if self.problem else ""

    @property
    def unwritten(self) -> str:
        """Name of the function without which this one cannot be judged: its own, or a called one.

        "" if there is none.
        """
        return self.case_set.name if self.is_not_written else self.waits_for

    @property
    def overwritten(self) -> tuple[str, ...]:
        """Names of the outputs of the first call that the next call overwrote."""
        return self.runs[0].overwritten if self.runs else ()

    @property
    def is_stopped(self) -> bool:
        """True if a call exceeded the time limit, so that the remaining cases were not called."""
        return len(self.runs) <= len(self.case_set.cases)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Notes whose pattern occurs in a warning; none if a call returned a wrong type.

        The notes say that values of other types are accepted, which would contradict the problem.
        """
        problems = (run.outcome.problem for run in self.runs)
        if any(problem and problem.kind == "type" for problem in problems):
            return ()
        texts = [text for run in self.runs for text in run.warned]
        return tuple(
            note
            for note in NOTES
            if any(pattern in text for pattern in note.patterns for text in texts)
        )
