"""A verdict as data: the calls of a function, the checks that it passes, and a diagnosis.

A verdict holds no function and can be pickled, so formatting or drawing it runs no student code.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..diagnosis.repairs.repair import Repair
from .calling import CaseRun, is_not_written
from .kinds import kind_of
from .model import CaseSet, Check, KnownMistake, Problem
from .notes import NOTES, Note

__all__ = ["CheckResult", "Diagnosis", "Verdict"]


@dataclass(frozen=True)
class CheckResult:
    """Result of a check, and the first call that failed it (None if it passed).

    Some checks count only once a check of values passes. Such a check waits until then if it has
    found no fault.
    """

    check: Check
    passed: bool
    failing: CaseRun | None = None
    waits: bool = False

    @property
    def undecided(self) -> str:
        """Reason why a failed check could not be decided; "" if it found a fault."""
        if self.waits:
            return "counts once a check of values passes"
        return kind_of(self.check).undecided(self.failing.outcome) if self.failing else ""


class Diagnosis(NamedTuple):
    """Known mistakes that explain a failure, changes that repair it, or facts about it."""

    mistakes: tuple[KnownMistake, ...] = ()
    facts: tuple[str, ...] = ()
    repair: Repair | None = None


@dataclass(frozen=True)
class Verdict:
    """The judge's results for one function.

    Attributes
    ----------
    case_set
        Cases, without the outcomes of known mistakes.
    runs
        Calls in order: every case, then the first one again.
    repeatable
        False if the first or the failing case gave a different answer in a second call.
    mistakes
        Known mistakes that explain every case: one, or two together; none if ambiguous. Of two
        mistakes, the one that alone explains the failing case comes first.
    apart
        True if the first of two mistakes alone explains the failing case and the second does not.
    facts
        Sentences about a function whose mistake is not known.
    repair
        Changes to the student's own code that correct it; None if there are none.
    remark
        Sentence about the circumstances, such as the helpers that were replaced.
    wrong_helpers
        Names of earlier exercises that the function calls and that fail their own check.
    changed_helpers
        Names of the notebook's own functions that the function calls and that a cell has broken.
    variables
        Names of the notebook's variables that the function reads.
    open_question
        Sentences about a limit that left the question to a person; "" if it is decided.
    """

    case_set: CaseSet
    runs: tuple[CaseRun, ...]
    results: tuple[CheckResult, ...]
    repeatable: bool = True
    mistakes: tuple[KnownMistake, ...] = ()
    apart: bool = False
    facts: tuple[str, ...] = ()
    repair: Repair | None = None
    remark: str = ""
    wrong_helpers: tuple[str, ...] = ()
    changed_helpers: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    open_question: str = ""

    @property
    def stop(self) -> Problem | None:
        """Limit that stopped a call; None if there was none."""
        problems = (run.outcome.problem for run in self.runs)
        return next((problem for problem in problems if problem and problem.is_stop), None)

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

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

    @cached_property
    def shown(self) -> CheckResult | None:
        """Failed check to show: the first, or one of values if the first had no output to check.

        A check that waits is shown only if all failed checks wait.
        """
        failed = [result for result in self.results if not result.passed]
        failed.sort(key=lambda result: result.waits)
        first = failed[0].failing if failed else None
        if first and first.outcome.problem and kind_of(failed[0].check).gives_way:
            failed.sort(key=lambda result: not kind_of(result.check).of_values)
        return failed[0] if failed else None

    @property
    def failing(self) -> CaseRun | None:
        """Call to show: the first that failed the check to show."""
        return self.shown.failing if self.shown else None

    @property
    def mistake(self) -> KnownMistake | None:
        """Known mistake that explains every case; None if there is none or there are two."""
        return self.mistakes[0] if len(self.mistakes) == 1 else None

    @property
    def is_not_written(self) -> bool:
        """True if the function is still the stub of its notebook."""
        return self.failing is not None and is_not_written(self.failing.outcome)

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
