"""The picture of a failing case: inputs, expected and actual output, and their difference.

Crosses mark the wrong values of the actual output, unless all values are wrong. For an array of
more than two axes, one plane is shown, named as in `A[0, :, :, 2]`. For an output, that is the
plane with the first wrong value; a frame in the input may mark what this value comes from. If the
shape is wrong, it is the first plane that is not constant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun
from ..judging.comparing import close
from ..judging.kinds import is_drawn, kind_of, wrong_output
from ..judging.model import Case
from ..judging.subject import Frame, Position, subject
from ..judging.verdict import Verdict
from ..judging.wording import LONGEST, describe_case, short

__all__ = ["Picture", "in_words", "picture_of"]

LISTED = 20  # positions of wrong values to list in words


@dataclass(frozen=True)
class Picture:
    """Contents of a picture: a title, and named planes of the inputs and of the answer.

    Attributes
    ----------
    wrong
        Boolean array of the wrong cells in the answer's planes; None if the shapes differ.
    frame
        The part of the first input that the first wrong value comes from.
    """

    title: tuple[str, ...]
    inputs: tuple[tuple[str, np.ndarray], ...]
    answers: tuple[tuple[str, np.ndarray], ...]
    wrong: np.ndarray | None
    frame: Frame = Frame()


def in_words(verdict: Verdict) -> str:
    """Return the picture that `draw` draws, as text; a list of the results if none are arrays.

    Raises
    ------
    ValueError
        If nothing fails, or if a call returned nothing to compare.
    """
    run, _ = _failing(verdict)
    if not is_drawn(run):
        return "\n".join([_title(verdict, run), "", *_listed(run, verdict.case_set.tolerance)])
    picture = picture_of(verdict)
    lines = [*picture.title]
    for name, plane in (*picture.inputs, *picture.answers):
        numbers = np.array2string(plane, precision=4, suppress_small=True, threshold=400)
        lines += ["", name.replace("\n", ", "), numbers if plane.size else "(empty)"]
    if picture.wrong is not None and not picture.wrong.all():
        places = [f"({row}, {column})" for row, column in np.argwhere(picture.wrong)]
        more = " ..." if len(places) > LISTED else ""
        lines += ["", f"Wrong at (row, column): {', '.join(places[:LISTED])}{more}"]
    return "\n".join([*lines, picture.frame.words] if picture.frame.words else lines)


def picture_of(verdict: Verdict) -> Picture:
    """Return the picture of a verdict's failing case.

    Raises
    ------
    ValueError
        If nothing fails, or if a call returned nothing that can be drawn.
    """
    run, (output, got, expected, wrong) = _failing(verdict)
    if not is_drawn(run):
        raise ValueError(f"{verdict.case_set.name}: {output} is not an array that can be drawn.")
    title = _title(verdict, run)
    index = None if wrong is None else tuple(int(i) for i in np.argwhere(wrong)[0])
    position = Position(output, expected.shape, index)

    def plane(name: str, array: NDArray[np.generic]) -> tuple[str, NDArray[np.float64]]:
        return _plane(run.case, name, array, position)

    inputs = tuple(
        plane(label, value)
        for label, value in run.case.parts.items()
        if isinstance(value, np.ndarray) and value.ndim > 1 and subject().is_drawn(label)
    )
    if wrong is None:
        answers: tuple[tuple[str, NDArray[np.float64]], ...] = ()
        for which, array in (("expected", expected), ("got", got)):
            label, numbers = plane(output, array)
            cut = label.removeprefix(output)
            answers += ((f"{which}{cut}\nshape {array.shape}", numbers),)
        return Picture((title, f"{output} has the wrong shape"), inputs, answers, None)
    got, expected = got.astype(float), expected.astype(float)
    label, right = plane(output, expected)
    with np.errstate(invalid="ignore"):  # raised by infinities
        difference = np.where(wrong, got - expected, 0)  # hides rounding errors of right values
    answers = (("expected", right), ("got", plane(output, got)[1]))
    answers += (("got - expected", plane(output, difference)[1]),)
    cells = plane(output, wrong)[1].astype(bool)
    crossed = f"{label}: the wrong values are crossed"
    if cells.all():
        crossed = f"{label} is wrong" if cells.size == 1 else f"{label}: all of these are wrong"
    frame = subject().frame(run.case, inputs, position)
    return Picture((title, crossed, *frame.captions), inputs, answers, cells, frame)


def _title(verdict: Verdict, run: CaseRun) -> str:
    return f"{verdict.case_set.name}: {describe_case(run.case)}"


def _failing(verdict: Verdict) -> tuple[CaseRun, tuple[str, Any, Any, Any]]:
    """Return the failing case of a verdict, and its first wrong output, as `wrong_output` does.

    Raises
    ------
    ValueError
        If there is none.
    """
    name, run, shown = verdict.case_set.name, verdict.failing, verdict.shown
    if run is None or shown is None:
        raise ValueError(f"{name}: every check passes, so there is no failing case to draw.")
    if run.outcome.problem:
        first = run.outcome.problem.about(name).splitlines()[0]
        raise ValueError(f"{first.rstrip('.')}: there is no output to draw.")
    names = kind_of(shown.check).outputs(shown.check, run)
    first_wrong = wrong_output(run, verdict.case_set.tolerance, names)
    if first_wrong is None:
        raise ValueError(f"{name}: the values of this case are right, so there is nothing to draw.")
    return run, first_wrong


def _listed(run: CaseRun, tolerance: float) -> Iterator[str]:
    """Yield a line for each result of a case, with the expected one if it is wrong."""
    for name, expected in run.case.expected.values.items():
        actual = run.outcome.values[name]
        right = close(actual, expected, tolerance, run.case.precision)
        yield f"{name}: {_value(actual)}{'' if right else f', expected {_value(expected)}'}"


def _value(value: Any) -> str:
    is_number = isinstance(value, np.ndarray) and not value.ndim
    return short(value.item() if is_number else value, LONGEST)


def _plane(
    case: Case, name: str, array: NDArray[np.generic], wrong: Position
) -> tuple[str, NDArray[np.float64]]:
    """Return the name and the numbers of one plane of an array, or of the whole 1-D or 2-D array.

    The first wrong value selects the plane. The first plane is returned if none corresponds to it,
    and if there is no wrong value, the first plane whose numbers differ.
    """
    numbers = np.asarray(array).astype(float)
    if numbers.ndim <= 2:
        return name, numbers.reshape(1, -1) if numbers.ndim < 2 else numbers
    shown, indices = subject().plane(case, name, numbers.shape, wrong)
    if not numbers.size:
        return name, np.empty(tuple(numbers.shape[axis] for axis in shown))
    if wrong.at is None:
        planes = np.moveaxis(numbers, shown, (-2, -1))
        for index in np.argwhere(planes.min((-2, -1)) < planes.max((-2, -1)))[:1]:
            others = iter(index)
            indices = [0 if axis in shown else int(next(others)) for axis in range(numbers.ndim)]
    cut = tuple(slice(None) if axis in shown else i for axis, i in enumerate(indices))
    label = ", ".join(":" if axis in shown else str(i) for axis, i in enumerate(indices))
    return f"{name}[{label}]", numbers[cut]
