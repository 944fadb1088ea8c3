"""A wrong output of a function, and the names of its axes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun
from ..judging.comparing import close, wrong_cells
from ..judging.subject import subject

__all__ = ["WrongOutput", "in_sizes"]


@dataclass(frozen=True)
class WrongOutput:
    """A wrong output of one run."""

    run: CaseRun
    name: str
    actual: NDArray[Any]
    expected: NDArray[Any]
    tolerance: float

    @property
    def numbers(self) -> NDArray[Any]:
        """The expected array as floats."""
        return np.asarray(self.expected, float)

    @property
    def error(self) -> NDArray[Any]:
        """Difference of the actual and the expected array; the shapes must be the same."""
        error: NDArray[Any] = np.asarray(self.actual, float) - self.numbers
        return error

    @property
    def cells(self) -> NDArray[Any]:
        """Boolean array of the wrong cells; the shapes must be the same."""
        return wrong_cells(self.actual, self.expected, self.tolerance, self.run.case.precision)

    @property
    def axes(self) -> tuple[str, ...]:
        """Readable names of the axes; () if they have none."""
        if self.actual.ndim != self.expected.ndim:
            return ()
        return subject().axes(self.name, self.expected.ndim, self.run.case.parts)

    def equals(self, other: Any) -> bool:
        """True if the output equals an array within the tolerance."""
        return self.agree(self.actual, np.asarray(other))

    def agree(self, actual: NDArray[Any], expected: NDArray[Any]) -> bool:
        """True if two arrays are equal within the tolerance."""
        return close(actual, expected, self.tolerance, self.run.case.precision)


def in_sizes(
    functions: Mapping[str, Callable[[Any], Any]], wrong: Sequence[WrongOutput]
) -> Iterator[tuple[str, list[Any]]]:
    """Yield the text of each function, and its values for the sizes of all cases that have them.

    An argument of another exercise may have the name of a size and be no number.
    """
    for text, of in functions.items():
        with suppress(KeyError, TypeError):
            values = [of(output.run.case.sizes) for output in wrong]
            if all(isinstance(value, int | float | np.number) for value in values):
                yield text, values
