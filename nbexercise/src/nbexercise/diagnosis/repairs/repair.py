"""The changes that correct a function, and how certain they are."""

from dataclasses import dataclass

from .changes import LIKELY, Change

__all__ = ["Repair"]


@dataclass(frozen=True)
class Repair:
    """Changes that correct a function, one of its outputs, or its results in some checks.

    Attributes
    ----------
    changes
        One change, or two that are needed together.
    first
        Number of the function's first line in its cell.
    source
        Lines of the function.
    others
        Alternative changes that also correct the function.
    outputs
        Names of the only corrected outputs; () if all are.
    checks
        Names of the only corrected checks; () if all are.
    left
        Names of the other outputs or checks, which are still wrong.
    """

    changes: tuple[Change, ...]
    first: int = 1
    source: tuple[str, ...] = ()
    others: tuple[Change, ...] = ()
    outputs: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """True if the changes correct everything."""
        return not (self.outputs or self.checks)

    @property
    def is_certain(self) -> bool:
        """False if the cause may be another: the change is rare, or one elsewhere works, too."""
        likely = all(change.rank <= LIKELY for change in self.changes)
        return likely and not self.checks and not self.elsewhere

    @property
    def elsewhere(self) -> list[int]:
        """Numbers of the other lines in which a change would correct the function."""
        own = {*self.changes[0].lines}
        lines = {other.lines[0] for other in self.others if not own & {*other.lines}}
        return sorted(map(self.number, lines))

    def number(self, line: int) -> int:
        """Return the number of a line of the function in its cell."""
        return self.first - 1 + line
