"""What explains a failure, as data: a `Finding`, and the verdict with it, a `Diagnosis`."""

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from ..judging.model import KnownMistake
from ..judging.verdict import Verdict
from .repairs.repair import Repair

__all__ = ["Diagnosis", "Finding"]


class Finding(NamedTuple):
    """Known mistakes that explain a failure, changes that repair it, or facts about it.

    Its fields are those of the same name of a `Diagnosis`.
    """

    mistakes: tuple[KnownMistake, ...] = ()
    apart: bool = False
    facts: tuple[str, ...] = ()
    next: str = ""
    repair: Repair | None = None


@dataclass(frozen=True)
class Diagnosis(Verdict):
    """A verdict, and the explanations of its failure.

    Attributes
    ----------
    repeatable
        False if the first or the failing case gave a different answer in a second call.
    mistakes
        Known mistakes that explain every case: one, or two together; none if ambiguous. Of two
        mistakes, the one that alone explains the failing case comes first.
    apart
        True if the first of two mistakes alone explains the failing case and the second does not.
    facts
        Sentences about a function whose mistake is not known.
    next
        Next step, if the facts suggest one.
    repair
        Changes to the student's own code that correct it; None if there are none.
    wrong_helpers
        Names of earlier exercises that the function calls and that fail their own check.
    changed_helpers
        Names of the notebook's own functions that the function calls and that a cell has broken.
    variables
        Names of the notebook's variables that the function reads.
    """

    repeatable: bool = True
    mistakes: tuple[KnownMistake, ...] = ()
    apart: bool = False
    facts: tuple[str, ...] = ()
    next: str = ""
    repair: Repair | None = None
    wrong_helpers: tuple[str, ...] = ()
    changed_helpers: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict, **found: Any) -> "Diagnosis":
        """Return the diagnosis of a verdict."""
        return cls(
            **{field.name: getattr(verdict, field.name) for field in fields(Verdict)}, **found
        )

    @property
    def mistake(self) -> KnownMistake | None:
        """Known mistake that explains every case; None if there is none or there are two."""
        return self.mistakes[0] if len(self.mistakes) == 1 else None
