"""Recognize code that a newer Python can read and this one cannot.

The newer syntax is rewritten in older syntax. Code that can be read after that, and could not be
before, has no other error; code with an ordinary error cannot be read either way.
"""

import re
import sys
from collections.abc import Iterator

from nbjudge.notebook import static_names

_STRING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_NAME = re.compile(r"\w+")
_CONVERSION = re.compile(r"!\s*[rsa]\s*")
_COMPARISONS = {"==", "!=", "<=", ">="}
_OPEN, _CLOSE = "([{", ")]}"
LONGEST = 100_000  # characters of a cell that are looked at
_HEAD = re.compile(r"\b(?:def|class|type)[ \t]+\w+[ \t]*(?=\[)")
_TYPE = re.compile(r"^([ \t]*)type[ \t]+(?=\w+[ \t]*=)", re.M)
_EXCEPTION = r"(?:\w+\.)*[A-Z]\w*"  # Python 2 has `except ValueError, error:`
_EXCEPT = re.compile(rf"^([ \t]*except\*?[ \t]*)({_EXCEPTION}(?:[ \t]*,[ \t]*{_EXCEPTION})+)", re.M)


class _UnreadableError(Exception):
    """No Python can read this."""


def newer_python(source: str) -> str:
    """Return the version of Python that a cell needs, such as "3.12"; "" if that is not newer.

    That is also the answer for code with an ordinary syntax error.
    """
    if len(source) > LONGEST:
        return ""
    try:
        rewritten = _Rewritten(source)
    except (_UnreadableError, RecursionError):
        return ""
    if rewritten.version <= sys.version_info[:2] or _can_be_read(source):
        return ""
    parts = [rewritten.text, *(f"({part}\n)" for part in rewritten.expressions)]
    return ".".join(map(str, rewritten.version)) if all(map(_can_be_read, parts)) else ""


def _can_be_read(source: str) -> bool:
    return bool(static_names.parse_anew(source).body)


class _Rewritten:
    """Code in older syntax.

    Attributes
    ----------
    text
        The code; an f-string has become an empty string.
    expressions
        What stood in the braces of f-strings.
    version
        The oldest Python that reads all that was rewritten.
    """

    def __init__(self, source: str):
        self.expressions: list[str] = []
        self.version = (3, 12)  # what f-strings may hold since then
        text, _ = self._code(source, 0, "")
        text = self._without_parameters(text)
        text, count = _EXCEPT.subn(r"\1(\2)", text)
        if count:
            self.version = max(self.version, (3, 14))
        self.text = _TYPE.sub(r"\1", text)

    def _code(self, source: str, place: int, ends: str) -> tuple[str, int]:
        """Rewrite the strings of code that ends before one of these characters, or at the end.

        Returns
        -------
        tuple of str and int
            The code, and the place of the character at which it ends.
        """
        parts, depth = list[str](), 0
        while place < len(source):
            char = source[place]
            if source[place : place + 2] in _COMPARISONS:
                parts.append(source[place : place + 2])
                place += 2
                continue
            if depth == 0 and char in ends:
                return "".join(parts), place
            if char == "#":
                place = _end_of_line(source, place)
                continue
            if found := _STRING.match(source, place):
                text, place = self._string(source, found)
                parts.append(text)
                continue
            if found := _NAME.match(source, place):
                parts.append(found[0])
                place = found.end()
                continue
            depth += (char in _OPEN) - (char in _CLOSE)
            parts.append(char)
            place += 1
        if ends:
            raise _UnreadableError
        return "".join(parts), place

    def _string(self, source: str, start: re.Match[str]) -> tuple[str, int]:
        """Rewrite a string; returns it, and the place after it."""
        prefix, quote = start[1].lower(), start[2]
        place = start.end()
        formatted = set(prefix) & {"f", "t"}
        if "t" in prefix:
            self.version = max(self.version, (3, 14))
        while not source.startswith(quote, place):
            char = source[place : place + 1]
            if not char or (char == "\n" and len(quote) == 1):
                raise _UnreadableError
            if char == "\\":
                named = formatted and "r" not in prefix and source.startswith("N{", place + 1)
                place = max(place, source.find("}", place)) + 1 if named else place + 2
            elif formatted and char in "{}":
                place = self._brace(source, place)
            else:
                place += 1
        end = place + len(quote)
        return ("''" if formatted else source[start.start() : end]), end

    def _brace(self, source: str, place: int) -> int:
        """Read a brace in the text of an f-string; returns the place after what it begins."""
        if source[place : place + 2] in ("{{", "}}"):
            return place + 2
        if source[place] == "}":
            raise _UnreadableError
        return self._field(source, place + 1)

    def _field(self, source: str, place: int) -> int:
        """Read what stands in braces, from after the first one; returns the place after them."""
        expression, place = self._code(source, place, "!:}=")
        if source[place] == "=":  # f"{x=}"
            place += 1
            while source[place : place + 1].isspace():
                place += 1
        if not expression.strip() or place >= len(source):
            raise _UnreadableError
        self.expressions.append(expression)
        if source[place] == "!":
            conversion = _CONVERSION.match(source, place)
            if not conversion:
                raise _UnreadableError
            place = conversion.end()
        if source[place] == ":":
            place += 1
            while source[place : place + 1] not in ("}", ""):
                place = self._field(source, place + 1) if source[place] == "{" else place + 1
        if source[place : place + 1] != "}":
            raise _UnreadableError
        return place + 1

    def _without_parameters(self, text: str) -> str:
        """Take the type parameters of functions, classes and type aliases out."""
        kept, place = list[str](), 0
        for start, end in _parameters(text):
            kept.append(text[place:start])
            if "=" in text[start:end]:
                self.version = max(self.version, (3, 13))
            place = end
        return "".join([*kept, text[place:]])


def _parameters(text: str) -> Iterator[tuple[int, int]]:
    """Find type parameters, brackets included: the place of each, and that after it."""
    for head in _HEAD.finditer(text):
        depth, place = 0, head.end()
        while place < len(text):
            depth += (text[place] in _OPEN) - (text[place] in _CLOSE)
            place += 1
            if depth == 0:
                break
        if text[head.end() + 1 : place - 1].strip():
            yield head.end(), place


def _end_of_line(source: str, place: int) -> int:
    end = source.find("\n", place)
    return len(source) if end < 0 else end
