"""A wrong output of a function, and the names of its axes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun
from ..judging.comparing import close, wrong_cells

__all__ = ["WrongOutput"]

# Names of the axes of outputs, by number of axes.
AXES = {4: ("image", "row", "column", "channel"), 2: ("example", "column")}
WITHOUT_EXAMPLES = ("row", "column")  # axes of weights and windows
A_WINDOW = {"x", "shape"}  # arguments of exercises whose output is a window
FILTERS, BIASES = ("dW", "W", "W_conv"), ("db", "b_conv")
FILTER_AXES = ("row of the filter", "column of the filter", "input channel", "filter")


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
        return wrong_cells(self.actual, self.expected, self.tolerance, self.run.precision)

    @property
    def axes(self) -> tuple[str, ...]:
        """Readable names of the axes; () if they have none."""
        if self.actual.ndim != self.expected.ndim:
            return ()
        if self.expected.ndim == 4 and self.name in FILTERS:
            return FILTER_AXES
        if self.expected.ndim == 2 and ("W" in self.name or self.run.case.parts.keys() & A_WINDOW):
            return WITHOUT_EXAMPLES
        return AXES.get(self.expected.ndim, ()) if self.name not in BIASES else ()

    def equals(self, other: Any) -> bool:
        """Return True if the output equals an array within the tolerance."""
        return close(self.actual, np.asarray(other), self.tolerance, self.run.precision)
