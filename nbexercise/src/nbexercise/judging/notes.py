"""Notes on correct functions of any exercise; they cost no points."""

import re
from dataclasses import dataclass

import numpy as np

__all__ = ["A_LIST", "A_NUMBER", "COMPLEX_NUMBERS", "IN_PLACE_OF_AN_ARRAY", "NOTES", "OBJECTS"]
__all__ += ["REFUSED_FOR_A_NUMBER", "STORED_AS", "Note", "instead_of", "why_refused"]


@dataclass(frozen=True)
class Note:
    """A remark that does not affect the points.

    Attributes
    ----------
    patterns
        Parts of warnings' messages that trigger the note.
    """

    name: str
    text: str
    patterns: tuple[str, ...]


REFUSED_FOR_A_NUMBER = "only 0-dimensional arrays can be converted to Python scalars"  # NumPy 2.4
IN_PLACE_OF_AN_ARRAY = "a list instead of an array"
STORED_AS = {"O": "numbers stored as objects", "c": "real numbers stored as complex ones"}

A_NUMBER = Note(
    "float(b)",
    "Up to NumPy 2.3, float(b) accepts an array that has axes, "
    "such as b of shape (1, 1, 1), and b can be assigned to one entry of another array. From NumPy "
    "2.4 on, both are errors. b.item() gives the number in every version.",
    ("Conversion of an array with ndim > 0 to a scalar", REFUSED_FOR_A_NUMBER),
)
A_LIST = Note(
    "a list",
    "A list was returned instead of an array. Its values were judged anyway; np.array converts it "
    "to an array.",
    (IN_PLACE_OF_AN_ARRAY,),
)
OBJECTS = Note(
    "dtype object",
    "The numbers that were returned are stored as objects (dtype object). They were judged anyway; "
    "np.zeros(shape) creates an array of floats, which is faster.",
    (STORED_AS["O"],),
)
COMPLEX_NUMBERS = Note(
    "complex numbers",
    "The numbers that were returned are complex, with imaginary parts that are 0 or rounding "
    "errors. Their real parts were judged; np.real returns them.",
    (STORED_AS["c"],),
)
NOTES = (A_NUMBER, A_LIST, OBJECTS, COMPLEX_NUMBERS)


def instead_of(line: str) -> str:
    """Return the fix for a line of code that uses an array with axes as a number."""
    taken = list(re.finditer(r"\b(?:float|int)\(([^()]+)\)", line))
    if len(taken) != 1:  # several conversions: some of them may be right
        return "take the number out of its array with .item()"
    return f"write {taken[0][1]}.item() in place of {taken[0][0]}"


def why_refused(line: str) -> str:
    """Return why a line that uses an array with axes as a number fails in the installed NumPy."""
    return (
        f"NumPy {np.__version__}, which is installed here, does not accept an array with axes as a "
        f"number and raises an error in {line}"
    )
