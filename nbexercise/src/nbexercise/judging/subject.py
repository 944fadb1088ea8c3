"""The knowledge of a course's subject that checks need: a `Subject`, which the course registers.

The modules of the rooms know no argument, size or output by its name. They ask `subject()`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["Frame", "Position", "Subject", "register", "subject"]

Functions = Mapping[str, Callable[[Any], Any]]


class Position(NamedTuple):
    """The first wrong value of an output; `at` is None if the shape is wrong."""

    output: str
    shape: tuple[int, ...]  # of the expected output
    at: tuple[int, ...] | None = None


class Frame(NamedTuple):
    """A part of the first input that is framed in a picture."""

    cells: tuple[int, int, int, int] | None = None  # row, column, height, width
    words: str = ""  # sentence about the framed part, for a picture in words
    captions: tuple[str, ...] = ()  # last lines of the picture's title


def _plane(case: Any, name: str, shape: Any, wrong: Position) -> tuple[Any, Sequence[int]]:
    return (0, 1), wrong.at if wrong.at and name == wrong.output else [0] * len(shape)


@dataclass(frozen=True)
class Subject:
    """The arguments and outputs of a course's exercises. A default knows nothing of them.

    Attributes
    ----------
    folder
        Folder of the course's package, whose frames tracebacks leave out.
    items
        Names of the items of arguments that are tuples of other arguments, by name and length.
    sizes
        Function of a case's arguments by name: the sizes of its arrays by name.
    integers
        Parts of the names of dictionaries that hold integers.
    steps
        Sizes that are tried first where they are small: in such cases, a wrong function fails
        for one reason.
    values
        Changes of a whole value by their code, with {} for the value, and clauses about them.
    axes
        Function of an output's name, number of axes, and the case's arguments: readable names of
        the axes; () if they have none.
    lengths
        Sizes that the length of an axis may be, instead of the right one.
    amounts, factors
        Functions of a case's sizes, by their text: amounts by which positions and lengths are
        off, and factors by which values are wrong.
    conditions
        Conditions (`diagnosis.conditions.Condition`) that may separate right cases from others.
    describers
        Functions that describe wrong outputs: of a name and `WrongOutput` objects, "" if none fits.
    held
        Function of wrong outputs: end of a sentence about what their wrong edges hold.
    unread, apart
        Functions of a `Failure`, each of which returns at most one sentence: about entries of an
        argument that no output depends on, and about parts of an input that are right alone.
    next_steps
        Next steps after exceptions, by pattern, as in `diagnosis.next_steps`.
    is_drawn
        Function of an input's name: True if a picture shows it.
    plane
        Function of a case, the name and shape of an array with more than two axes, and a
        `Position`: the two axes that a picture shows, and the indices of the others.
    frame
        Function of a case, the drawn inputs and a `Position`: the `Frame` that it comes from.
    stepwise
        Function of a verdict: how the first wrong value is computed, step by step, or "".
    kept
        End of the sentence about what happens with a function that passes.
    checked
        Function of a verdict and the function that was checked, which may record them.
    asked
        Function of an exercise, the number of right answers to the questions about the student's
        function, and the number of questions, which may record them.
    """

    folder: str = ""
    items: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    sizes: Callable[[Mapping[str, Any]], dict[str, Any]] = lambda parts: {}
    integers: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    axes: Callable[[str, int, Any], tuple[str, ...]] = lambda name, ndim, parts: ()
    lengths: tuple[str, ...] = ()
    amounts: Functions = field(default_factory=dict)
    factors: Functions = field(default_factory=dict)
    conditions: tuple[Any, ...] = ()
    describers: tuple[Callable[[str, Any], str], ...] = ()
    held: Callable[[Any], str] = lambda wrong: ""
    unread: Callable[[Any], list[str]] = lambda failure: []
    apart: Callable[[Any], list[str]] = lambda failure: []
    next_steps: Mapping[str, str] = field(default_factory=dict)
    is_drawn: Callable[[str], bool] = lambda name: True
    plane: Callable[[Any, str, Any, Position], tuple[Any, Sequence[int]]] = _plane
    frame: Callable[[Any, Any, Position], Frame] = lambda case, inputs, wrong: Frame()
    stepwise: Callable[[Any], str] = lambda verdict: ""
    kept: str = ""
    checked: Callable[[Any, Any], None] = lambda verdict, function: None
    asked: Callable[[str, int, int], None] = lambda name, right, total: None

    def parts(self, name: str, value: Any) -> tuple[str, ...]:
        """Return the names of the items of an argument; () if it is no tuple of arguments."""
        lengths = self.items.get(name)
        return lengths[len(value)] if lengths and isinstance(value, tuple) else ()


_registered = [Subject()]


def subject() -> Subject:
    """Return the subject of the course."""
    return _registered[0]


def register(registered: Subject) -> None:
    """Set the subject of the course.

    Raises TypeError for anything but a `Subject`.
    """
    if not isinstance(registered, Subject):
        raise TypeError(f"expected a Subject, got a value of type {type(registered).__name__}")
    _registered[0] = registered
