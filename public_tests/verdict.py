"""A verdict, as data: what a function gave, which checks it passes, and what is known of why.

A verdict holds no function and can be pickled: whoever puts it into words or pictures calls
nobody's code.
"""

from dataclasses import dataclass
from functools import cached_property

from .calling import CaseRun, is_not_written
from .kinds import kind_of
from .model import CaseSet, Check, KnownMistake
from .notes import NOTES, Note

__all__ = ["CheckResult", "Verdict"]


@dataclass(frozen=True)
class CheckResult:
    """A check, whether it passed, and the first call that failed it (None if it passed).

    It waits if nothing is wrong with what it is about, but counts only beside values.
    """

    check: Check
    passed: bool
    failing: CaseRun | None = None
    waits: bool = False

    @property
    def undecided(self) -> str:
        """Why a failed check found nothing wrong with what it is about; "" if it did."""
        if self.waits:
            return "counts once a check of values passes"
        return kind_of(self.check).undecided(self.failing.outcome) if self.failing else ""


@dataclass(frozen=True)
class Verdict:
    """What the judge found out about one function.

    Attributes
    ----------
    case_set
        The cases, without the outcomes of known mistakes.
    runs
        The calls in their order: every case, then the first one again.
    repeatable
        Whether a case asked twice, the first one or the failing one, gave the same answer.
    mistakes
        The known mistakes that explain every case: one, or two together; none if unsure. Of two
        the one that explains the failing case by itself comes first.
    apart
        Whether of two mistakes the first explains the failing case by itself, and the other not.
    facts
        What is certain of a function whose mistake has no name, in sentences.
    remark
        A sentence about the circumstances, such as which helpers stood in.
    wrong_helpers
        Names of earlier exercises that the function calls and that fail their own check.
    changed_helpers
        The same of functions that the notebook gives.
    variables
        Names of variables of the notebook that the function reads.
    """

    case_set: CaseSet
    runs: tuple[CaseRun, ...]
    results: tuple[CheckResult, ...]
    repeatable: bool = True
    mistakes: tuple[KnownMistake, ...] = ()
    apart: bool = False
    facts: tuple[str, ...] = ()
    remark: str = ""
    wrong_helpers: tuple[str, ...] = ()
    changed_helpers: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    @property
    def refused(self) -> str:
        """The line of code that raises an error here, and not in the grader's NumPy; "" if none."""
        return next((run.refused for run in self.runs if run.refused), "")

    @property
    def runs_here(self) -> bool:
        """True if the function is right, and also in the NumPy that runs here."""
        return self.passed and not self.refused

    @property
    def points(self) -> float:
        return float(sum(result.check.points for result in self.results if result.passed))

    @cached_property
    def shown(self) -> CheckResult | None:
        """The failed check to show: the first, but one of values if the first saw no output.

        One that waits is shown only if all failed ones do.
        """
        failed = [result for result in self.results if not result.passed]
        failed.sort(key=lambda result: result.waits)
        first = failed[0].failing if failed else None
        if first and first.outcome.problem and kind_of(failed[0].check).gives_way:
            failed.sort(key=lambda result: not kind_of(result.check).of_values)
        return failed[0] if failed else None

    @property
    def failing(self) -> CaseRun | None:
        """The call to show: the first that failed the check to show."""
        return self.shown.failing if self.shown else None

    @property
    def mistake(self) -> KnownMistake | None:
        """The one known mistake that explains every case; None if there is none, or two."""
        return self.mistakes[0] if len(self.mistakes) == 1 else None

    @property
    def is_not_written(self) -> bool:
        """Whether the function is as it was handed out."""
        return self.failing is not None and is_not_written(self.failing.outcome)

    @property
    def overwritten(self) -> tuple[str, ...]:
        """Names of the outputs of the first call that the next one changed."""
        return self.runs[0].overwritten if self.runs else ()

    @property
    def is_stopped(self) -> bool:
        """Whether a call took so long that the rest of the cases was not asked."""
        return len(self.runs) <= len(self.case_set.cases)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Notes with a pattern that is in a warning; none if a call returned a wrong type.

        They say that values of another type are accepted, and in that call they are not.
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
