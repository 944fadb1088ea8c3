"""Format numbers, arguments and lines for the messages of checks.

Texts are built without line breaks inside paragraphs. `wrapped` breaks the lines where a text is
printed; a browser breaks those of the HTML.
"""

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .given import Made
from .model import Case, Step
from .subject import subject

__all__ = [
    "DIGITS",
    "LONGEST",
    "ORDINALS",
    "PRINTED",
    "SHORT",
    "WIDTH",
    "arguments_of",
    "called",
    "describe_case",
    "filled",
    "heading",
    "listed",
    "number",
    "short",
]
__all__ += ["step_as_code", "tuple_of", "unbroken", "with_article", "wrapped"]

ORDINALS = ("first", "second", "third", "fourth", "fifth")
SMALL = 16  # numbers in all arrays of a call that are printed in full
DIGITS = 8  # significant digits of a number
SHORT = 60  # characters of a value in a sentence
LONGEST = 240  # characters of an argument
WIDTH = 88  # characters in a line that a notebook shows without breaking it
QUOTED = "    "  # indentation of quoted code and output, which is not wrapped
PRINTED = "print only shows a value; return hands it back to the caller."
NO_BREAK = "\N{NO-BREAK SPACE}"
_TOGETHER = re.compile(r"(?:cache of )?\w+ of shape \([\d, ]+\)|[(\[][\d., -]{1,40}[)\]]")


def number(value: float, digits: int = DIGITS) -> str:
    """Format a number with at most `digits` significant digits and no trailing zeros."""
    return f"{value:.{digits}g}"


def short(value: Any, width: int = SHORT) -> str:
    """Return a value as code, cut to about `width` characters."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, float):
        text = repr(value)
        return text if len(text) <= DIGITS + 2 else number(value)
    if not value or not isinstance(value, list | tuple | set | dict):
        text = str(value) if isinstance(value, Made) else repr(value)
        more = f" ... ({len(text) - 2} characters)" if isinstance(value, str) else " ..."
        return text if len(text) <= width else text[: width - 3] + more
    left, right = "()" if isinstance(value, tuple) else "[]" if isinstance(value, list) else "{}"
    pieces: list[str] = []
    for item in value:
        piece = short(item, width // 2)
        pieces.append(f"{piece}: {short(value[item], width)}" if isinstance(value, dict) else piece)
        if sum(map(len, pieces)) > width and len(pieces) < len(value):
            pieces.append(f"... ({len(value)} in all)")
            break
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return f"{left}{', '.join(pieces)}{comma}{right}"


def with_article(name: str) -> str:
    """Return a name with its indefinite article: an IndentationError, a uint8."""
    return f"an {name}" if re.match("(?!u(int|ni))[aeiou]", name.lower()) else f"a {name}"


def listed(items: Iterable[object]) -> str:
    """Return items as in "a, b and c"."""
    *others, last = map(str, items)
    return f"{', '.join(others)} and {last}" if others else last


def tuple_of(names: Sequence[str]) -> str:
    """Return a tuple of names as Python code."""
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def heading(exercise: str) -> str:
    """Return the heading of an exercise in its notebook."""
    return f"Exercise: {exercise}"


def wrapped(text: str) -> str:
    """Wrap the lines of a text at WIDTH characters; shapes and indices stay in one line."""
    return "\n".join(part for line in text.split("\n") for part in _wrapped_line(line))


def _wrapped_line(line: str) -> list[str]:
    if len(line) <= WIDTH or line.startswith(QUOTED):
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    parts = textwrap.wrap(
        unbroken(line),
        WIDTH,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [part.replace(NO_BREAK, " ") for part in parts]


def unbroken(text: str) -> str:
    """Return a text with no-break spaces inside shapes and indices."""
    return _TOGETHER.sub(lambda match: match[0].replace(" ", NO_BREAK), text)


def describe_case(case: Case, in_full: bool = False) -> str:
    """Describe the arguments of a call: shapes of arrays, values of everything else.

    Parameters
    ----------
    in_full
        True to list the arrays of dictionaries with their shapes.
    """
    return ", ".join(arguments_of(case, in_full))


def arguments_of(case: Case, in_full: bool = False) -> list[str]:
    """Return the descriptions of a call's arguments, of which `describe_case` makes one text."""
    pieces = []
    arrays = [value for value in case.parts.values() if isinstance(value, np.ndarray)]
    full = sum(array.size for array in arrays) <= SMALL
    for name, value in case.arguments.items():
        if parts := subject().parts(name, value):
            first, *rest = (_argument(*item, full) for item in zip(parts, value, strict=True))
            pieces += [f"{name} of {first}", *rest]
        elif in_full and isinstance(value, dict) and _holds_arrays(value):
            pieces.append(
                f"{name} with {listed(_argument(*item, False) for item in value.items())}"
            )
        else:
            pieces.append(_argument(name, value, full))
    return [*pieces, *(f"{name} left out" for name in case.optional)]


def called(name: str, *arguments: Any) -> str:
    """Return a call as code."""
    return f"{name}({', '.join(map(short, arguments))})"


def step_as_code(step: Step) -> str:
    """Return a call or an attribute as code."""
    return step.name if step.arguments is None else called(step.name, *step.arguments)


def filled(items: Sequence[str], width: int = WIDTH, indent: str = "    ") -> list[str]:
    """Join a heading and pieces to lines, broken only between pieces."""
    lines = [items[0]]
    for number, item in enumerate(items[1:], start=2):
        item += "," if number < len(items) else ""
        if len(lines[-1]) + 1 + len(item) <= width:
            lines[-1] += f" {item}"
        else:
            lines.append(indent + item)
    return lines


def _holds_arrays(value: dict[str, Any]) -> bool:
    return any(isinstance(item, np.ndarray) for item in value.values())


def _argument(name: str, value: object, full: bool) -> str:
    if isinstance(value, dict) and _holds_arrays(value):
        return f"{name} of {len(value)} arrays"
    if isinstance(value, dict) and any(part in name for part in subject().integers):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if isinstance(value, Made):
        return f"{value.shown(name):.{LONGEST}}"
    if isinstance(value, int | float):
        return f"{name} {value}"
    if isinstance(value, list) and value and isinstance(value[0], Step):
        return f"{name} {', '.join(map(step_as_code, value)):.{LONGEST}}"
    if not isinstance(value, np.ndarray):
        return f"{name} {short(value, LONGEST)}"
    text = f"{name} of shape {value.shape}"
    if value.dtype != np.float64:
        text += f" and dtype {value.dtype}"
    if full and value.ndim <= 2:
        text += f" = {value.tolist()}"
    return text
