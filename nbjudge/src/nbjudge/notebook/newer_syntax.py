"""Recognize code that needs a newer version of Python.

Newer syntax is rewritten in older syntax. Code that parses only after the rewriting has no other
error; code with an ordinary syntax error does not parse either way.
"""

import re
import sys
from collections.abc import Iterator

from nbjudge.notebook import static_names

_STRING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_NAME = re.compile(r"\w+")
_CONVERSION = re.compile(r"!\s*[rsa]\s*")
_COMPARISONS = {"==", "!=", "<=", ">="}
_PREFIXES = {"", "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"}  # in lower case
_OPEN, _CLOSE = "([{", ")]}"
LONGEST = 100_000  # characters; longer cells are not analyzed
_HEAD = re.compile(r"\b(?:def|class|type)[ \t]+\w+[ \t]*(?=\[)")
_TYPE = re.compile(r"^([ \t]*)type[ \t]+(?=\w+[ \t]*=)", re.M)
_EXCEPTION = r"(?:\w+\.)*[A-Z]\w*"  # Python 2 has `except ValueError, error:`
_EXCEPT = re.compile(rf"^([ \t]*except\*?[ \t]*)({_EXCEPTION}(?:[ \t]*,[ \t]*{_EXCEPTION})+)", re.M)


class _UnreadableError(Exception):
    """The code is not valid in any version of Python."""


def newer_python(source: str) -> str:
    """Return the newer version of Python that a cell needs, such as "3.12".

    Return "" if this Python can read the cell, or if the cell has an ordinary syntax error.
    """
    if len(source) > LONGEST or "\0" in source:  # no Python reads null characters
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
        The code, with each f-string replaced with an empty string.
    expressions
        The expressions in the braces of f-strings, and the text outside the braces as strings.
    version
        The oldest version of Python that can read all the rewritten parts.
    """

    def __init__(self, source: str):
        self.expressions: list[str] = []
        self.version = (3, 12)  # since then, f-strings may contain any expression
        text, _ = self._code(source, 0, "")
        text = self._without_parameters(text)
        text, count = _EXCEPT.subn(r"\1(\2)", text)
        if count:
            self.version = max(self.version, (3, 14))
        self.text = _TYPE.sub(r"\1", text)

    def _code(self, source: str, index: int, ends: str) -> tuple[str, int]:
        """Rewrite the strings in code up to one of the characters in `ends`, or to its end.

        Returns
        -------
        tuple of str and int
            The rewritten code, and the index at which it ends in the source.
        """
        parts, depth = list[str](), 0
        while index < len(source):
            char = source[index]
            if source[index : index + 2] in _COMPARISONS:
                parts.append(source[index : index + 2])
                index += 2
                continue
            if depth == 0 and char in ends:
                return "".join(parts), index
            if char == "#":
                index = _end_of_line(source, index)
                continue
            if match := _STRING.match(source, index):
                text, index = self._string(source, match)
                parts.append(text)
                continue
            if match := _NAME.match(source, index):
                parts.append(match[0])
                index = match.end()
                continue
            depth += (char in _OPEN) - (char in _CLOSE)
            parts.append(char)
            index += 1
        if ends:
            raise _UnreadableError
        return "".join(parts), index

    def _string(self, source: str, start: re.Match[str]) -> tuple[str, int]:
        """Rewrite a string; return it and the index after it."""
        prefix, quote = start[1].lower(), start[2]
        if prefix not in _PREFIXES:
            raise _UnreadableError
        index = start.end()
        formatted = set(prefix) & {"f", "t"}
        literal = [prefix.translate({ord("f"): None, ord("t"): None}), quote]
        if "t" in prefix:
            self.version = max(self.version, (3, 14))
        while not source.startswith(quote, index):
            char = source[index : index + 1]
            if not char or (char == "\n" and len(quote) == 1):
                raise _UnreadableError
            begin = index
            if formatted and char in "{}":
                index = self._brace(source, index)
                continue
            if char == "\\":
                named = formatted and "r" not in prefix and source.startswith("N{", index + 1)
                index = max(index, source.find("}", index)) + 1 if named else index + 2
            else:
                index += 1
            literal.append(source[begin:index])
        end = index + len(quote)
        if formatted:
            self.expressions.append("".join([*literal, quote]))
        return ("''" if formatted else source[start.start() : end]), end

    def _brace(self, source: str, index: int) -> int:
        """Read a brace in the text of an f-string; return the index after the element it begins."""
        if source[index : index + 2] in ("{{", "}}"):
            return index + 2
        if source[index] == "}":
            raise _UnreadableError
        return self._field(source, index + 1)

    def _field(self, source: str, index: int) -> int:
        """Read a replacement field after its opening brace; return the index after the field."""
        expression, index = self._code(source, index, "!:}=")
        if source[index] == "=":  # f"{x=}"
            index += 1
            while source[index : index + 1].isspace():
                index += 1
        if not expression.strip() or index >= len(source):
            raise _UnreadableError
        self.expressions.append(expression)
        if source[index] == "!":
            conversion = _CONVERSION.match(source, index)
            if not conversion:
                raise _UnreadableError
            index = conversion.end()
        if source[index] == ":":
            index += 1
            while source[index : index + 1] not in ("}", ""):
                index = self._field(source, index + 1) if source[index] == "{" else index + 1
        if source[index : index + 1] != "}":
            raise _UnreadableError
        return index + 1

    def _without_parameters(self, text: str) -> str:
        """Remove the type parameters of functions, classes and type aliases."""
        parts, index = list[str](), 0
        for start, end in _parameters(text):
            parts.append(text[index:start])
            if "=" in text[start:end]:
                self.version = max(self.version, (3, 13))
            index = end
        return "".join([*parts, text[index:]])


def _parameters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end index of each list of type parameters, including its brackets."""
    for head in _HEAD.finditer(text):
        depth, index = 0, head.end()
        while index < len(text):
            depth += (text[index] in _OPEN) - (text[index] in _CLOSE)
            index += 1
            if depth == 0:
                break
        if text[head.end() + 1 : index - 1].strip():
            yield head.end(), index


def _end_of_line(source: str, index: int) -> int:
    end = source.find("\n", index)
    return len(source) if end < 0 else end
